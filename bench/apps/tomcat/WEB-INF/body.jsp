<%@ page contentType="text/plain;charset=UTF-8" session="false" trimDirectiveWhitespaces="true" %><%!
  private static final String TEXT;
  static {
    String alphabet = "abcdefghijklmnopqrstuvwxyz0123456789";
    StringBuilder text = new StringBuilder();
    for (int at = 0; at < 1024; at++) text.append(alphabet.charAt((at * 7 + (at >> 8)) % alphabet.length()));
    TEXT = text.toString();
  }
%><% out.write(TEXT); %>

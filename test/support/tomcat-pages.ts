/** Pages for a Tomcat of a test. */

/** Tells what the container knows of its request, a line each, and the length and digest of the body. */
export const ECHO = `<%@ page contentType="text/plain; charset=iso-8859-1" trimDirectiveWhitespaces="true"
  import="java.util.*, java.security.*, java.math.*" %><%
  request.setCharacterEncoding("iso-8859-1");
  MessageDigest hash = MessageDigest.getInstance("SHA-256");
  byte[] buffer = new byte[65536];
  long length = 0;
  for (int n; (n = request.getInputStream().read(buffer)) >= 0; length += n) hash.update(buffer, 0, n);
  out.print("method " + request.getMethod() + "\\n");
  out.print("protocol " + request.getProtocol() + "\\n");
  out.print("uri " + request.getRequestURI() + "\\n");
  out.print("query " + request.getQueryString() + "\\n");
  out.print("remote " + request.getRemoteAddr() + " " + request.getRemoteHost() + " " + request.getRemotePort() + "\\n");
  out.print("server " + request.getServerName() + " " + request.getServerPort() + "\\n");
  out.print("local " + request.getLocalAddr() + "\\n");
  out.print("secure " + request.isSecure() + " " + request.getScheme() + "\\n");
  out.print("user " + request.getRemoteUser() + " " + request.getAuthType() + "\\n");
  out.print("cipher " + request.getAttribute("jakarta.servlet.request.cipher_suite") + "\\n");
  out.print("bits " + request.getAttribute("jakarta.servlet.request.key_size") + "\\n");
  out.print("extra " + request.getAttribute("extra") + "\\n");
  out.print("body " + length + " " + String.format("%064x", new BigInteger(1, hash.digest())) + "\\n");
  for (String name : Collections.list(request.getHeaderNames()))
    for (String value : Collections.list(request.getHeaders(name)))
      out.print("field " + name + ": " + value + "\\n");
%>`;

/** Sends so many bytes, with fields of all kinds, and what is asked for in between. */
export const SEND = `<%@ page contentType="application/octet-stream" trimDirectiveWhitespaces="true" %><%
  int length = Integer.parseInt(request.getParameter("length"));
  response.setStatus(Integer.parseInt(request.getParameter("status")));
  response.addHeader("X-One", "1");
  response.addHeader("X-One", "2");
  response.addHeader("Set-Cookie", "a=1");
  response.addHeader("Set-Cookie", "b=2");
  response.setHeader("Content-Language", "de");
  java.io.OutputStream body = response.getOutputStream();
  byte[] piece = new byte[1000];
  for (int i = 0; i < piece.length; i++) piece[i] = (byte) (i * 7);
  for (int at = 0; at < length; at += piece.length) {
    body.write(piece, 0, Math.min(piece.length, length - at));
    if (request.getParameter("flush") != null) body.flush();
  }
%>`;

/**
 * The servlet of both applications of `dispatch-apps.ts`, once in Java and once in TypeScript. A request carries
 * what each servlet that gets it has to do: `In-a: status 404 | print gone` are the steps of the servlet `a`. An
 * exception ends its step and no more, but where the step begins with `!`. Each step leaves a line in a log that
 * belongs to the `In-Id` of the request; the servlet `log` gives it out.
 */
import { STEPS } from './behaviour-steps.ts';

const TELLS = ['forward', 'include', 'error'].flatMap((kind) =>
  [
    'request_uri',
    'context_path',
    'servlet_path',
    'path_info',
    'query_string',
    'mapping',
    'status_code',
    'message',
    'servlet_name',
    'method',
    'exception_type',
    'exception',
  ].map((name) => `${kind}.${name}`),
);

/** `WEB-INF/classes/Probe.java`, to be compiled. Throws what `exception-type` of the descriptor names, too. */
export const JAVA_PROBE = `import jakarta.servlet.*;
import jakarta.servlet.http.*;
import java.io.*;
import java.nio.charset.StandardCharsets;
import java.util.*;
import java.util.concurrent.*;

public class Probe extends HttpServlet {
  static final Map<String, List<String>> LOGS = new ConcurrentHashMap<>();

  @Override protected void service(HttpServletRequest request, HttpServletResponse response)
      throws ServletException, IOException {
    String name = getServletName();
    if (name.equals("log")) {
      response.setContentType("text/plain;charset=UTF-8");
      List<String> lines = LOGS.remove(request.getQueryString());
      response.getWriter().print(lines == null ? "" : String.join("\\n", lines));
      return;
    }
    new Program(name, request, response, null).run();
  }
}

class WrappedRequest extends HttpServletRequestWrapper {
  WrappedRequest(HttpServletRequest request) { super(request); }
  @Override public String getMethod() { return "WRAPPED"; }
  @Override public String getHeader(String name) { return name.equals("X-W") ? "wrapped" : super.getHeader(name); }
}
class WrappedResponse extends HttpServletResponseWrapper {
  WrappedResponse(HttpServletResponse response) { super(response); }
  @Override public void setStatus(int status) { super.setStatus(status + 1); }
}

class Sorry extends RuntimeException { Sorry(String message) { super(message); } }
class VerySorry extends Sorry { VerySorry(String message) { super(message); } }

class Program {
  final String name;
  final HttpServletRequest request;
  final HttpServletResponse response;
  final List<String> log;
  final FilterChain chain;
  String prefix = "";

  Program(String name, HttpServletRequest request, HttpServletResponse response, FilterChain chain) {
    this.chain = chain;
    this.name = name;
    this.request = request;
    this.response = response;
    log = Probe.LOGS.computeIfAbsent("" + request.getHeader("In-Id"), id -> new CopyOnWriteArrayList<>());
  }

  void run() throws ServletException, IOException {
    String script = request.getHeader("In-" + name);
    if (script == null) {
      log.add(name + " has nothing to do");
      if (chain != null) chain.doFilter(request, response);
      return;
    }
    for (String part : script.split(" [|] ")) {
      boolean isFatal = part.startsWith("!");
      String text = isFatal ? part.substring(1) : part;
      String[] words = text.split(" ", 2);
      prefix = name + " " + text;
      String all = unescape(words.length > 1 ? words[1] : "");
      String[] two = all.split(" ", 2);
      try {
        step(words[0], all, two[0], two.length > 1 ? two[1] : "");
      } catch (Exception e) {
        log.add(name + " " + text + " threw " + kind(e));
        if (!isFatal) continue;
        if (e instanceof ServletException) throw (ServletException) e;
        if (e instanceof IOException) throw (IOException) e;
        throw (RuntimeException) e;
      }
    }
  }

  void step(String step, String all, String a, String b) throws ServletException, IOException {
    switch (step) {
${Object.entries(STEPS)
  .map(([name, { java }]) => `      case "${name}": { ${java}; break; }`)
  .join('\n')}
      default: throw new Sorry("no step " + step);
    }
  }

  void say(Object value) { log.add(prefix + ": " + text(value)); }
  void say(String key, Object value) { log.add(prefix + " " + key + ": " + text(value)); }
  void sayAll(Enumeration<String> values) { sayAll(Collections.list(values)); }
  void sayAll(String[] values) { if (values == null) say((Object) null); else sayAll(List.of(values)); }
  void sayAll(Collection<String> values) {
    List<String> texts = new ArrayList<>();
    for (String value : values) texts.add(text(value));
    log.add(prefix + ": [" + String.join(", ", texts) + "]");
  }

  void attempt(String key, Callable<Object> call) {
    try { call.call(); say(key, "works"); } catch (Exception e) { say(key, kind(e)); }
  }

  static String text(Object value) {
    if (value == null) return "null";
    if (value instanceof HttpServletMapping) return mapping((HttpServletMapping) value);
    if (value instanceof Class) return ((Class<?>) value).getSimpleName();
    if (value instanceof Exception) return kind((Exception) value);
    StringBuilder escaped = new StringBuilder();
    for (byte one : ("" + value).getBytes(StandardCharsets.UTF_8)) {
      if (one >= 32 && one < 127 && one != '%') escaped.append((char) one);
      else escaped.append(String.format("%%%02X", one));
    }
    return escaped.toString();
  }

  static String kind(Exception e) {
    if (e instanceof IllegalArgumentException || e instanceof UnsupportedEncodingException) return "argument";
    if (e instanceof NullPointerException) return "null";
    return e.getClass().getSimpleName();
  }

  static String mapping(HttpServletMapping mapping) {
    return mapping.getMappingMatch() + " " + mapping.getPattern() + " " + mapping.getMatchValue() + " " +
      mapping.getServletName();
  }

  static String below(String path, ServletContext context) {
    if (path == null) return null;
    return path.replace(context.getRealPath("/").replaceAll("/$", ""), "");
  }

  void attributes(String start) {
    for (String key : new String[] { ${TELLS.map((name) => `"${name}"`).join(', ')} }) {
      Object value = request.getAttribute(start + key);
      if (value != null) say(key, value);
    }
  }

  static List<String> locales(HttpServletRequest request) {
    List<String> tags = new ArrayList<>();
    for (Locale locale : Collections.list(request.getLocales())) tags.add(locale.toLanguageTag().toLowerCase());
    return tags;
  }

  void cookies() {
    Cookie[] cookies = request.getCookies();
    for (Cookie cookie : cookies == null ? new Cookie[0] : cookies) say(cookie.getName(), cookie.getValue());
  }

  void cookie(String text) {
    String[] parts = text.split("; ");
    String[] pair = parts[0].split("=", 2);
    Cookie cookie = new Cookie(pair[0], pair[1]);
    for (int i = 1; i < parts.length; i++) {
      String[] attribute = (parts[i] + "=").split("=", 3);
      switch (attribute[0]) {
        case "Path": cookie.setPath(attribute[1]); break;
        case "Domain": cookie.setDomain(attribute[1]); break;
        case "Max-Age": cookie.setMaxAge(number(attribute[1])); break;
        case "Secure": cookie.setSecure(true); break;
        case "HttpOnly": cookie.setHttpOnly(true); break;
        default: cookie.setAttribute(attribute[0], attribute[1]);
      }
    }
    response.addCookie(cookie);
  }

  void parameters() {
    for (Map.Entry<String, String[]> entry : new TreeMap<>(request.getParameterMap()).entrySet()) {
      List<String> texts = new ArrayList<>();
      for (String value : entry.getValue()) texts.add(text(value));
      log.add(prefix + " " + text(entry.getKey()) + ": [" + String.join(", ", texts) + "]");
    }
  }

  void body() throws IOException {
    say(new String(request.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1));
  }

  void read() throws IOException {
    StringBuilder whole = new StringBuilder();
    Reader reader = request.getReader();
    for (int one = reader.read(); one >= 0; one = reader.read()) whole.append((char) one);
    say(whole.toString());
  }

  void session(HttpSession session) {
    if (session == null) { say((Object) null); return; }
    say("id", session.getId());
    say("new", session.isNew());
  }

  void fail(String type, String message) throws ServletException, IOException {
    switch (type) {
      case "Sorry": throw new Sorry(message);
      case "VerySorry": throw new VerySorry(message);
      case "state": throw new IllegalStateException(message);
      case "servlet": throw new ServletException(message);
      case "caused": throw new ServletException(message, new VerySorry("inner"));
      case "gone": throw new UnavailableException(message);
      case "later": throw new UnavailableException(message, 600);
      default: throw new RuntimeException(message);
    }
  }

  static int number(String text) { return Integer.parseInt(text); }
  static long big(String text) { return Long.parseLong(text); }
  static byte[] utf8(String text) { return text.getBytes(StandardCharsets.UTF_8); }
  static String unescape(String text) {
    return java.net.URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
  }
}
`;

/** `WEB-INF/classes/Probe.ts`. Line for line what stands above, but for what the languages have in common only by their meaning. */
export const OUR_PROBE = `import {
  Cookie, HttpServlet, HttpServletRequestWrapper, HttpServletResponseWrapper, IllegalStateException, ServletException,
  UnavailableException,
} from 'daemun/servlet';

const LOGS = new Map();

export default class Probe extends HttpServlet {
  async service(request: any, response: any) {
    const name = this.getServletName();
    if (name === 'log') {
      response.setContentType('text/plain;charset=UTF-8');
      const lines = LOGS.get(request.getQueryString());
      LOGS.delete(request.getQueryString());
      response.getWriter().print(lines === undefined ? '' : lines.join('\\n'));
      return;
    }
    await new Program(name, request, response, null).run();
  }
}

class WrappedRequest extends HttpServletRequestWrapper {
  override getMethod() { return 'WRAPPED'; }
  override getHeader(name: string) { return name === 'X-W' ? 'wrapped' : super.getHeader(name); }
}
class WrappedResponse extends HttpServletResponseWrapper {
  override setStatus(status: number) { super.setStatus(status + 1); }
}

class Sorry extends Error {}
class VerySorry extends Sorry {}

export class Program {
  name; request; response; log; chain;
  prefix = '';

  constructor(name: string, request: any, response: any, chain: any) {
    this.chain = chain;
    this.name = name;
    this.request = request;
    this.response = response;
    const id = String(request.getHeader('In-Id'));
    if (!LOGS.has(id)) LOGS.set(id, []);
    this.log = LOGS.get(id);
  }

  async run() {
    const { name, log } = this;
    const script = this.request.getHeader('In-' + name);
    if (script === null) {
      log.push(name + ' has nothing to do');
      if (this.chain !== null) await this.chain.doFilter(this.request, this.response);
      return;
    }
    for (const part of script.split(' | ')) {
      const isFatal = part.startsWith('!');
      const text = isFatal ? part.slice(1) : part;
      const words = cut(text);
      this.prefix = name + ' ' + text;
      const all = decodeURIComponent(words[1]);
      try {
        await this.step(words[0], all, ...cut(all));
      } catch (error) {
        log.push(name + ' ' + text + ' threw ' + kind(error));
        if (isFatal) throw error;
      }
    }
  }

  async step(step: string, all: string, a: string, b: string) {
    const { request, response, chain } = this;
    const say = (...values: any[]) => this.say(...values);
    const sayAll = (values: any) => this.sayAll(values);
    const attempt = (key: string, call: any) => this.attempt(key, call);
    const attributes = (start: string) => this.attributes(start);
    const cookies = () => this.cookies();
    const cookie = (text: string) => this.cookie(text);
    const parameters = () => this.parameters();
    const session = (session: any) => this.session(session);
    switch (step) {
${Object.entries(STEPS)
  .map(([name, { ours }]) => `      case '${name}': { ${ourSpelling(ours)}; break; }`)
  .join('\n')}
      default: throw new Sorry('no step ' + step);
    }
  }

  say(...values: any[]) {
    const value = values.pop();
    this.log.push(this.prefix + values.map((key) => ' ' + key).join('') + ': ' + text(value));
  }
  sayAll(values: any) {
    if (values === null) { this.say(null); return; }
    this.log.push(this.prefix + ': [' + [...values].map(text).join(', ') + ']');
  }

  attempt(key: string, call: any) {
    try { call(); this.say(key, 'works'); } catch (error) { this.say(key, kind(error)); }
  }

  attributes(start: string) {
    for (const key of ${JSON.stringify(TELLS)}) {
      const value = this.request.getAttribute(start + key);
      // What is thrown without a class of its own.
      if (value !== null) this.say(key, value === 'Error' ? 'RuntimeException' : value);
    }
  }

  cookies() {
    for (const cookie of this.request.getCookies()) this.say(cookie.getName(), cookie.getValue());
  }

  cookie(text: string) {
    const parts = text.split('; ');
    const cookie = new Cookie(...cut(parts[0] ?? '', '='));
    for (const part of parts.slice(1)) {
      const [name, value] = cut(part, '=');
      switch (name) {
        case 'Path': cookie.setPath(value); break;
        case 'Domain': cookie.setDomain(value); break;
        case 'Max-Age': cookie.setMaxAge(number(value)); break;
        case 'Secure': cookie.setSecure(true); break;
        case 'HttpOnly': cookie.setHttpOnly(true); break;
        default: cookie.setAttribute(name, value);
      }
    }
    this.response.addCookie(cookie);
  }

  parameters() {
    for (const name of [...this.request.getParameterMap().keys()].sort()) {
      const values = this.request.getParameterMap().get(name);
      this.log.push(this.prefix + ' ' + text(name) + ': [' + values.map(text).join(', ') + ']');
    }
  }

  async body() {
    this.say(Buffer.from(await this.request.getInputStream().readAll()).toString('latin1'));
  }

  async read() {
    this.say(await this.request.getReader().readAll());
  }

  session(session: any) {
    if (session === null) { this.say(null); return; }
    this.say('id', session.getId());
    this.say('new', session.isNew());
  }
}

function text(value: any): string {
  if (value === null || value === undefined) return 'null';
  if (value.getMappingMatch !== undefined) return mapping(value);
  if (value instanceof Error) return kind(value);
  let escaped = '';
  for (const byte of Buffer.from(String(value), 'utf8')) {
    const character = String.fromCharCode(byte);
    if (byte >= 32 && byte < 127 && character !== '%') escaped += character;
    else escaped += '%' + byte.toString(16).toUpperCase().padStart(2, '0');
  }
  return escaped;
}

function kind(error: any) {
  if (error instanceof TypeError && /null/.test(error.message)) return 'null';
  if (error instanceof RangeError || error instanceof TypeError) return 'argument';
  return error.constructor === Error ? 'RuntimeException' : error.constructor.name;
}

function mapping(mapping: any) {
  return [mapping.getMappingMatch(), mapping.getPattern(), mapping.getMatchValue(), mapping.getServletName()]
    .map(String).join(' ');
}

function below(path: any, context: any) {
  return path === null ? null : path.replace(context.getRealPath('/').replace(/\\/$/, ''), '');
}

function locales(request: any) {
  return request.getLocales().map((tag: string) => tag.toLowerCase());
}

function fail(type: string, message: string) {
  switch (type) {
    case 'Sorry': throw new Sorry(message);
    case 'VerySorry': throw new VerySorry(message);
    case 'state': throw new IllegalStateException(message);
    case 'servlet': throw new ServletException(message);
    case 'caused': throw new ServletException(message, { cause: new VerySorry('inner') });
    case 'gone': throw new UnavailableException(message);
    case 'later': throw new UnavailableException(message, 600);
    default: throw new Error(message);
  }
}

function number(text: string) {
  if (!/^-?[0-9]+$/.test(text)) throw new RangeError('no number');
  return Number(text);
}
const big = number;
function utf8(text: string) { return Buffer.from(text, 'utf8'); }
function cut(text: string, by = ' '): [string, string] {
  const at = text.indexOf(by);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
`;

/** `Gate.java`: a filter whose steps come as those of servlets do. */
export const JAVA_GATE = `import jakarta.servlet.*;
import jakarta.servlet.http.*;
import java.io.IOException;

public class Gate extends HttpFilter {
  @Override protected void doFilter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    new Program(getFilterName(), request, response, chain).run();
  }
}
`;

/** `Gate.ts`: what does in our applications what `JAVA_GATE` does. */
export const OUR_GATE = `import { GenericFilter } from 'daemun/servlet';
import { Program } from './Probe.ts';

export default class Gate extends GenericFilter {
  override async doFilter(request: any, response: any, chain: any) {
    await new Program(this.getFilterConfig().getFilterName(), request, response, chain).run();
  }
}
`;

/** `Plain.java`: a servlet that has a method for GET and knows, where the query says so, when it was changed. */
export const JAVA_PLAIN = `import jakarta.servlet.http.*;

public class Plain extends HttpServlet {
  @Override protected void doGet(HttpServletRequest request, HttpServletResponse response) throws java.io.IOException {
    response.getWriter().print("plain");
  }
  @Override protected long getLastModified(HttpServletRequest request) {
    String time = request.getParameter("time");
    return time == null ? -1 : Long.parseLong(time);
  }
}
`;

/** `Plain.ts`: how one of ours is written that does no more than `JAVA_PLAIN`. */
export const OUR_PLAIN = `import { HttpServlet } from 'daemun/servlet';

export default class Plain extends HttpServlet {
  override doGet(request: any, response: any) {
    response.getWriter().print('plain');
  }
  override getLastModified(request: any) {
    const time = request.getParameter('time');
    return time === null ? -1 : Number(time);
  }
}
`;

/** What differs in the languages themselves: how functions are written, and names that belong to an object. */
function ourSpelling(statement: string): string {
  return statement
    .replaceAll('() ->', '() =>')
    .replace(/\bvar session\b/, 'const session')
    .replace(/^(?:body|read)\(\)$/, 'await this.$&');
}

import { HttpServlet, type HttpServletRequest, type HttpServletResponse } from 'daemun/servlet';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** Answers with the content of `1k.txt`, from memory. */
export default class Body extends HttpServlet {
  readonly #text = Array.from(
    { length: 1024 },
    (_, at) => ALPHABET[(at * 7 + (at >> 8)) % ALPHABET.length],
  ).join('');

  override doGet(_: HttpServletRequest, response: HttpServletResponse): void {
    response.setContentType('text/plain');
    response.getWriter().write(this.#text);
  }
}

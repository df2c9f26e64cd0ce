/** `daemun/servlet`: what the servlets and filters of web applications import. */
export * from './was/api/index.ts';

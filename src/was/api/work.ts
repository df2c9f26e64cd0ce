/**
 * What a method of an application may return: nothing, or a promise that the container waits for. A
 * request is over when everything that was called for it has returned and every such promise is settled.
 */
export type Work = void | Promise<void>;

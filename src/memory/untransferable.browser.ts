/** Does nothing: web pages have no way to keep memory from being given to somebody else. What is empty for that is not sent. */
export function keepMemory (...[]: [bytes: Uint8Array]): void {}

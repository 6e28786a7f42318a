/** Does nothing: a web page cannot keep memory from being transferred. The send queue drops a frame that is empty for that reason. */
export function keepMemory (...[]: [bytes: Uint8Array]): void {}

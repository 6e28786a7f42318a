/** Whether memory can be given back at once here: not by Node.js 20. */
export const canFree: boolean = 'transfer' in ArrayBuffer.prototype

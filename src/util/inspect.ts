/** What Node.js shows of a value in `console.log` and `util.inspect`. */
export type Format<Value> = (value: Value, options: object, inspect: (value: object, options: object) => string) => string

/** Sets how objects with this prototype are shown in Node.js. Other runtimes show them as before. */
export function setInspect<Value extends object> (prototype: Value, format: Format<Value>): void {
  Object.defineProperty(prototype, Symbol.for('nodejs.util.inspect.custom'), {
    value (this: Value, ...[, options, inspect]: [depth: number, options: object, inspect: Parameters<Format<Value>>[2]]): string {
      return format(this, options, inspect)
    },
    configurable: true,
    writable: true
  })
}

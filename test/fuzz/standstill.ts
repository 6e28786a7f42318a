/** Tells when a number that should go on changing has stayed the same for too long. */
export class Standstill {
  readonly #timeout: number
  #value: number | undefined
  #since = 0

  /** `timeout` in ms. */
  constructor (timeout: number) {
    this.#timeout = timeout
  }

  /** Whether `value` has been the same for longer than that, at `now`, in ms. */
  check (value: number, now: number): boolean {
    if (value !== this.#value) {
      this.#value = value
      this.#since = now
    }

    return now - this.#since > this.#timeout
  }
}

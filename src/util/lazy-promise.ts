/** A promise that is made when it is first asked for: of most objects with one, it never is. Settled once, as any promise. */
export class LazyPromise {
  #resolvers: PromiseWithResolvers<void> | undefined
  #outcome: 'resolved' | Error | undefined

  /** The promise. Where it rejects and nothing waits for it, that is no unhandled rejection. */
  get promise (): Promise<void> {
    if (this.#resolvers == null) {
      this.#resolvers = Promise.withResolvers()
      this.#resolvers.promise.catch(() => {})
      this.#settle()
    }

    return this.#resolvers.promise
  }

  resolve (): void {
    this.#outcome ??= 'resolved'
    this.#settle()
  }

  reject (error: Error): void {
    this.#outcome ??= error
    this.#settle()
  }

  #settle (): void {
    if (this.#outcome === 'resolved') {
      this.#resolvers?.resolve()
    } else if (this.#outcome != null) {
      this.#resolvers?.reject(this.#outcome)
    }
  }
}

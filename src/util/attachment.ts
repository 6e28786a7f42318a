/** A listener that exists only after the object that it listens to, because it needs that object. */
export class Attachment<Listener> {
  #listener: Listener | undefined

  /** Sets the listener. Throws where there is one already. */
  attach (listener: Listener): void {
    if (this.#listener != null) {
      throw new Error('Expected to be attached to once')
    }

    this.#listener = listener
  }

  /** The listener. Throws where there is none yet. */
  get listener (): Listener {
    if (this.#listener == null) {
      throw new Error('Expected to be attached to before the first event')
    }

    return this.#listener
  }
}

import type { WebFrame } from '../src/web/protocol.ts'

/** Frames that the page keeps: ten minutes of them. */
export const MAX_FRAMES = 600

/** The frames of the last minutes, and which one is shown. */
export class History {
  readonly #frames: WebFrame[] = []
  /** The time of the frame that is shown; `undefined` for the latest. */
  #at: number | undefined

  /** All of them, the oldest first. */
  get frames (): readonly WebFrame[] { return this.#frames }

  /** Whether the latest is shown. */
  get isLive (): boolean { return this.#at == null }

  /** The frame that is shown. */
  get shown (): WebFrame | undefined {
    const at = this.#at

    return at == null ? this.#frames.at(-1) : this.#frames.findLast((frame) => frame.at <= at) ?? this.#frames[0]
  }

  /** The index of the frame that is shown. */
  get index (): number {
    const { shown } = this

    return shown == null ? 0 : this.#frames.lastIndexOf(shown)
  }

  /** Adds the latest frame. One that was told before is left out. */
  add (frame: WebFrame): void {
    if (frame.at > (this.#frames.at(-1)?.at ?? 0)) {
      this.#frames.push(frame)
      this.#frames.splice(0, this.#frames.length - MAX_FRAMES)
    }
  }

  /** Shows the frame with this index, and the latest ones from then on where it is the last. */
  show (index: number): void {
    this.#at = index >= this.#frames.length - 1 ? undefined : this.#frames[index]?.at
  }

  /** Shows the latest. */
  showLatest (): void {
    this.#at = undefined
  }
}

import { minimise } from './minimise.ts'
import { signatureOf } from './signature.ts'
import type { Coverage } from './coverage.ts'
import type { Random } from './random.ts'
import type { Target } from './target.ts'

/** How many inputs of one target are kept to go on from. */
const MAX_CORPUS = 2000

/** After so many different findings a target is left alone. */
export const MAX_FINDINGS = 5

/** An input may be changed in so many places at once. */
const MAX_MUTATIONS = 6

/** What was found. */
export interface Finding {
  target: string
  /** The shortest input that was found to show it. */
  input: Uint8Array
  error: Error
}

/** What {@link Fuzzer} is made with. */
export interface FuzzerInit {
  target: Target
  coverage: Coverage
  random: Random
  /** Called with each input before it is run. */
  onInput?: (input: Uint8Array) => void
  onFinding: (finding: Finding) => Promise<void> | void
}

/** Feeds one target: each input is one before it with something changed, and is kept where it made something new happen. */
export class Fuzzer {
  readonly #init: FuzzerInit
  readonly #corpus: Uint8Array[] = []
  readonly #signatures = new Set<string>()
  #runs = 0
  #pendingError: Error | undefined

  constructor (init: FuzzerInit) {
    this.#init = init
  }

  /** Inputs that were run. */
  get runs (): number { return this.#runs }

  /** Inputs that are kept. */
  get corpus (): readonly Uint8Array[] { return this.#corpus }

  /** Whether so much was found that there is no sense in going on. */
  get isDone (): boolean { return this.#signatures.size >= MAX_FINDINGS }

  /** Runs everything that there is to begin with. */
  async start (seeds: readonly Uint8Array[]): Promise<void> {
    for (const seed of seeds) {
      // a Buffer is another thing to a decoder than what a stream brings
      await this.#try(new Uint8Array(seed))
    }

    if (this.#corpus.length === 0) {
      this.#corpus.push(new Uint8Array(0))
    }
  }

  /** Runs one more input. */
  async step (): Promise<void> {
    const { target, random } = this.#init
    let input = this.#pick()

    for (let count = 1 + random.below(MAX_MUTATIONS); count > 0; count--) {
      input = target.mutate(input, random, this.#pick())
    }

    await this.#try(input)
  }

  /** The shortest inputs that together take every branch that those that are kept do. */
  async distill (): Promise<Uint8Array[]> {
    const { coverage } = this.#init
    const taken = new Set<number>()
    const essential: Uint8Array[] = []

    for (const input of [...this.#corpus].sort((a, b) => a.byteLength - b.byteLength)) {
      coverage.reset()
      await this.#run(input)
      const { passed } = coverage

      if (passed.some((location) => !taken.has(location))) {
        essential.push(input)
        passed.forEach((location) => { taken.add(location) })
      }
    }

    return essential
  }

  /** To be called with what nobody has caught. It is taken to be of the input that is run. */
  onUncaught (error: unknown): void {
    this.#pendingError ??= toError(error)
  }

  /** The later ones came the furthest. */
  #pick (): Uint8Array {
    const { random } = this.#init
    const { length } = this.#corpus
    const recent = Math.min(length, 32)

    return this.#corpus[random.oneIn(3) ? length - 1 - random.below(recent) : random.below(length)]!
  }

  async #try (input: Uint8Array): Promise<void> {
    const { coverage, random } = this.#init
    this.#runs++
    coverage.reset()
    const error = await this.#run(input)

    if (error != null) {
      await this.#onError(input, error)
    } else if (coverage.takeNew()) {
      if (this.#corpus.length >= MAX_CORPUS) {
        this.#corpus.splice(random.below(MAX_CORPUS), 1)
      }

      this.#corpus.push(input)
    }
  }

  async #run (input: Uint8Array): Promise<Error | undefined> {
    this.#pendingError = undefined
    this.#init.onInput?.(input)

    try {
      const outcome = this.#init.target.run(input)

      if (outcome != null) {
        await outcome
      }
    } catch (err) {
      return toError(err)
    }

    return this.#pendingError
  }

  async #onError (input: Uint8Array, error: Error): Promise<void> {
    const signature = signatureOf(error)

    if (this.#signatures.has(signature)) {
      return
    }

    this.#signatures.add(signature)

    const smallest = await minimise(input, async (shorter) => {
      const other = await this.#run(shorter)

      return other != null && signatureOf(other) === signature
    })

    await this.#init.onFinding({ target: this.#init.target.name, input: smallest, error: await this.#run(smallest) ?? error })
  }
}

function toError (thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown))
}

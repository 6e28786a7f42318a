import { mutateBytes } from '../../fuzz/mutate.ts'
import { mutateFields } from '../../fuzz/mutate-fields.ts'
import { fixtureFrames, fixtureMessages, savedInputs } from '../../fuzz/seeds.ts'
import { frameOf, generateMessage } from './generate.ts'
import { judge, verdictOf } from './judgement.ts'
import { shrink } from './shrink.ts'
import type { Random } from '../../fuzz/random.ts'
import type { Judge } from './peer-judge.ts'
import type { Answer, Question, Verdict } from './judgement.ts'

/** So many frames are asked for at once. */
const BATCH = 1000

/** After so many different findings there is no sense in going on. */
export const MAX_FINDINGS = 20

/** When a frame may come: first, in a session without features, and in one with every feature. */
const PHASES: readonly Omit<Question, 'frame'>[] = [{ isFirst: true }, { isFirst: false }, { isFirst: false, isFeatured: true }]

/** A message may be changed in so many places at once. */
const MAX_MUTATIONS = 4

/** A frame that the decoders judge otherwise. */
export interface Finding {
  /** The shortest one that was found to show it. */
  question: Question
  /** What each decoder says, by its name. */
  verdicts: Record<string, Verdict>
  /** What ours says it is about: a rule, or a kind of message. */
  about: string
}

/** What {@link Differ} is made with. */
export interface DifferInit {
  random: Random
  /** Decoders that are held to ours. */
  judges: readonly Judge[]
  onFinding: (finding: Finding) => void
}

/** Has several decoders judge the same frames. */
export class Differ {
  readonly #init: DifferInit
  readonly #seeds: Uint8Array[]
  readonly #frames: Uint8Array[]
  readonly #found = new Set<string>()
  /** How often each verdict was given, and for what. */
  readonly counts = new Map<string, number>()
  inputs = 0

  constructor (init: DifferInit) {
    this.#init = init
    this.#frames = fixtureFrames()
    this.#seeds = [...fixtureMessages(), ...['grammar', 'messages', 'blocks'].flatMap(savedInputs)].filter(({ byteLength }) => byteLength > 0)
  }

  /** Different findings so far. */
  get findings (): number { return this.#found.size }

  /** Has so many frames judged, those of the fixtures first; fewer where too much was found. */
  async run (inputs: number, onProgress?: () => void): Promise<void> {
    await this.#judge(this.#frames.flatMap((frame) => PHASES.map((phase) => ({ ...phase, frame }))).slice(0, inputs))

    while (this.inputs < inputs && this.#found.size < MAX_FINDINGS) {
      await this.#judge(Array.from({ length: Math.min(BATCH, inputs - this.inputs) }, () => this.#make()))
      onProgress?.()
    }
  }

  /** What each decoder says to a frame. */
  async ask (question: Question): Promise<{ answers: Answer[], about: string }> {
    const { answer, about } = judge(question)
    const others = await Promise.all(this.#init.judges.map(async (other) => (await other.judge([question]))[0]!))

    return { answers: [answer, ...others], about }
  }

  #make (): Question {
    const { random } = this.#init

    if (random.oneIn(12)) {
      return { ...random.pick(PHASES), frame: mutateBytes(random.pick(this.#frames), random, random.pick(this.#frames)) }
    }

    const { type, body } = random.oneIn(2) ? generateMessage(random) : { type: undefined, body: this.#mutated() }
    const isFirst = random.oneIn(type === 'handshake' ? 1.25 : 6)

    return { isFirst, isFeatured: !isFirst && random.oneIn(2), frame: frameOf(body, random) }
  }

  #mutated (): Uint8Array {
    const { random } = this.#init
    let body = random.oneIn(3) ? generateMessage(random).body : random.pick(this.#seeds)

    // what is large is there for its size, and has been looked at
    for (let count = body.byteLength > 10_000 ? 0 : 1 + random.below(MAX_MUTATIONS); count > 0; count--) {
      body = mutateFields(body, random, random.pick(this.#seeds))
    }

    return body
  }

  async #judge (questions: Question[]): Promise<void> {
    // the others work while ours does
    const asked = this.#init.judges.map(async (other) => other.judge(questions))
    const mine = questions.map(judge)
    const theirs = await Promise.all(asked)
    this.inputs += questions.length

    for (const [i, question] of questions.entries()) {
      const { answer, about } = mine[i]!
      const key = `${verdictOf(answer)} ${about}`
      this.counts.set(key, (this.counts.get(key) ?? 0) + 1)
      const answers = [answer, ...theirs.map((given) => given[i]!)]

      if (signatureOf(answers) !== undefined) {
        await this.#onDifference(question, answers, about)
      }
    }
  }

  async #onDifference (question: Question, answers: Answer[], about: string): Promise<void> {
    const signature = `${signatureOf(answers)} ${about}`

    if (this.#found.has(signature) || this.#found.size >= MAX_FINDINGS) {
      return
    }

    this.#found.add(signature)
    const shortest = await this.#shrink(question, signature)
    const final = await this.ask(shortest)
    const names = ['ours', ...this.#init.judges.map(({ name }) => name)]
    this.#init.onFinding({
      question: shortest,
      verdicts: Object.fromEntries(names.map((name, i) => [name, verdictOf(final.answers[i]!)])),
      about: final.about
    })
  }

  async #shrink ({ frame, ...phase }: Question, signature: string): Promise<Question> {
    const shortest = await shrink(frame, async (frame) => {
      const { answers, about } = await this.ask({ ...phase, frame })

      return `${signatureOf(answers)} ${about}` === signature
    })

    return { ...phase, frame: shortest }
  }
}

/** The verdicts of decoders that do not say the same, each with a letter for what else it says; `undefined` where all do. */
function signatureOf (answers: readonly Answer[]): string | undefined {
  const different = answers.filter((answer, i) => answers.findIndex((other) => isEqual(answer, other)) === i)

  return different.length === 1
    ? undefined
    : answers.map((answer) => `${verdictOf(answer)}${different.findIndex((other) => isEqual(answer, other))}`).join(', ')
}

function isEqual (a: Answer, b: Answer): boolean {
  return a.byteLength === b.byteLength && Buffer.compare(a, b) === 0
}

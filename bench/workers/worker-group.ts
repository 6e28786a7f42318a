import { Worker } from './worker.ts'

/** The workers of one run: none of them outlives it. */
export class WorkerGroup {
  readonly #workers: Worker[] = []
  readonly #network: string | undefined

  /** `network` is the network namespace that they are in. */
  constructor (network?: string) {
    this.#network = network
  }

  /** Starts one more. */
  async start (name: string, options?: unknown): Promise<Worker> {
    const worker = await Worker.start(name, options, this.#network)
    this.#workers.push(worker)

    return worker
  }

  /** Ends those that were started last, as many as are given, at once: they may be frozen. */
  killLast (count: number): void {
    this.#workers.splice(-count).forEach((worker) => { worker.kill() })
  }

  /** Lets all end in peace, those that came last first. */
  async stop (): Promise<void> {
    for (const worker of this.#workers.splice(0).reverse()) {
      try {
        await worker.stop()
      } finally {
        worker.kill()
      }
    }
  }

  /** Ends what is left. */
  kill (): void {
    this.#workers.splice(0).forEach((worker) => { worker.kill() })
  }
}

/** Runs something with workers, which are gone when it resolves or rejects. */
export async function withWorkers<Result> (run: (workers: WorkerGroup) => Promise<Result>, network?: string): Promise<Result> {
  const workers = new WorkerGroup(network)

  try {
    const result = await run(workers)
    await workers.stop()

    return result
  } finally {
    workers.kill()
  }
}

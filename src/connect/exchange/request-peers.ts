import { decodeBody } from '../../codec/message.ts'
import { ProtocolViolationError } from '../../errors.ts'
import type { Session } from '../../session/session.ts'
import type { PeerAddress } from '../../types/message.ts'

/** Whether a session is one in which peers are told of peers. */
export function tellsPeers ({ features, isRelayed }: Pick<Session, 'features' | 'isRelayed'>): boolean {
  // a circuit is limited in bytes
  return features.includes('peers') && !isRelayed
}

/**
 * Asks a peer for so many peers, the first of which is the peer itself. Throws a RequestError where it does not answer. An answer with more
 * than that is a violation.
 */
export async function requestPeers (session: Session, count: number, signal?: AbortSignal): Promise<PeerAddress[]> {
  let answer: PeerAddress[] = []

  await session.request({
    expects: 'responsePeers',
    send: (id) => session.send('control', { type: 'requestPeers', count }, id),
    onResponse: (body) => {
      const { peers } = decodeBody('responsePeers', body)

      if (peers.length > count) {
        throw new ProtocolViolationError(`${peers.length} peers where ${count} were asked for`)
      }

      // a view would keep the whole frame
      answer = peers.map(({ record, ageMinutes }) => ({ record: record.slice(), ageMinutes }))

      return true
    },
    ...(signal == null ? {} : { signal })
  })

  return answer
}

import { encodeMessage } from '../../../codec/message.ts'
import { expectDisconnect, expectThat, expectViolation, expectWelcome } from '../expect.ts'
import { BODY, field, join } from '../raw.ts'
import type { Check } from '../../check.ts'
import type { CheckContext } from '../../context.ts'
import type { Link } from '../../peer/link.ts'
import type { DisconnectReason, NodeInfo } from '../../../types/message.ts'

const SECTION = 'Handshake'
const TEXTS = {
  INCOMPATIBLE_VERSION: 'both sides speak a [version](#versions) in common: else `INCOMPATIBLE_VERSION`;',
  network: '`network` is equal byte for byte: else `WRONG_NETWORK`;',
  genesis: '`genesis_hash` is equal: else `WRONG_NETWORK`;'
}

interface Refusal { id: string, what: string, text: string, reason: DisconnectReason, node: (own: NodeInfo) => Partial<NodeInfo> }

function flip (bytes: Uint8Array, at: number): Uint8Array {
  return bytes.map((byte, i) => i === at ? byte ^ 1 : byte)
}

/** The first letter that is not a capital already, as one; else one letter more. */
function otherCase (name: string): string {
  const upper = name.toUpperCase()

  return upper === name ? name.toLowerCase() === name ? `${name}x` : name.toLowerCase() : upper
}

const REFUSALS: readonly Refusal[] = [
  { id: 'version-0', what: 'protocol version 0', text: TEXTS.INCOMPATIBLE_VERSION, reason: 'INCOMPATIBLE_VERSION', node: () => ({ protocolVersion: 0 }) },
  { id: 'version-2', what: 'protocol version 2', text: TEXTS.INCOMPATIBLE_VERSION, reason: 'INCOMPATIBLE_VERSION', node: () => ({ protocolVersion: 2 }) },
  {
    id: 'version-max', what: 'protocol version 2^32 - 1', text: TEXTS.INCOMPATIBLE_VERSION, reason: 'INCOMPATIBLE_VERSION',
    node: () => ({ protocolVersion: 2 ** 32 - 1 })
  },
  { id: 'network-other', what: 'another network', text: TEXTS.network, reason: 'WRONG_NETWORK', node: ({ network }) => ({ network: `${network}-check`.slice(-64) }) },
  { id: 'network-none', what: 'no network', text: TEXTS.network, reason: 'WRONG_NETWORK', node: () => ({ network: '' }) },
  { id: 'network-case', what: 'the network in letters of the other case', text: TEXTS.network, reason: 'WRONG_NETWORK', node: ({ network }) => ({ network: otherCase(network) }) },
  { id: 'network-nul', what: 'the network and a NUL', text: TEXTS.network, reason: 'WRONG_NETWORK', node: ({ network }) => ({ network: `${network.slice(0, 63)}\0` }) },
  { id: 'genesis-other', what: 'another genesis hash', text: TEXTS.genesis, reason: 'WRONG_NETWORK', node: ({ genesisHash }) => ({ genesisHash: flip(genesisHash, 0) }) },
  { id: 'genesis-last-bit', what: 'a genesis hash whose last bit differs', text: TEXTS.genesis, reason: 'WRONG_NETWORK', node: ({ genesisHash }) => ({ genesisHash: flip(genesisHash, 31) }) },
  {
    id: 'version-before-network', what: 'another version and another network', text: TEXTS.INCOMPATIBLE_VERSION, reason: 'INCOMPATIBLE_VERSION',
    node: () => ({ protocolVersion: 2, network: '' })
  }
]

function refusalCheck ({ id, what, text, reason, node }: Refusal): Check {
  return {
    id: `refuse-${id}`,
    title: `refuses ${what} with ${reason}, and does not ban for it`,
    section: SECTION,
    text,
    manners: 'polite',
    run: async (context: CheckContext): Promise<void> => {
      const peer = await context.peer()
      const overrides = node(context.target.node)

      if (overrides.network === context.target.node.network) {
        context.skip('the network of the target has no name')
      }

      const link = await context.open({ peer })
      link.send({ type: 'handshake', node: context.node(overrides) })
      await expectDisconnect(link, [reason], { why: what })
      expectThat(!link.arrivals.some(({ message }) => message != null && !['handshake', 'disconnect'].includes(message.type)), {
        expected: 'nothing but Handshake and Disconnect', seen: link.seen
      })
      await expectWelcome(context, peer, `a handshake with ${what}`)
    }
  }
}

/** A handshake whose fields have to be refused before anything else is looked at. */
function malformedCheck (id: string, what: string, fields: (context: CheckContext) => Uint8Array): Check {
  return {
    id: `refuse-${id}`,
    title: `refuses a handshake with ${what} as a violation`,
    section: SECTION,
    text: 'it keeps to the [field rules](#fields): else `PROTOCOL_VIOLATION`;',
    manners: 'ban',
    run: async (context: CheckContext): Promise<void> => {
      const link = await context.open()
      link.sendFrame(field(BODY.handshake, fields(context)))
      await expectViolation(link, `a handshake with ${what}`)
    }
  }
}

/** A `NodeInfo` of the target's network, with more fields after it: of a scalar that comes twice the last one counts. */
function nodeAnd (context: CheckContext, ...more: Uint8Array[]): Uint8Array {
  const { network, genesisHash, bestHash } = context.node()

  return field(1, join(
    field(1, 1), field(2, new TextEncoder().encode(network)), field(3, genesisHash), field(8, bestHash), ...more
  ))
}

const letters = (count: number): Uint8Array => new Uint8Array(count).fill(0x61)

/** How full a host may be tried: more sessions than nodes usually take from one. */
const CROWD = 48

/** Handshakes that are not accepted. */
export const REFUSAL_CHECKS: readonly Check[] = [
  ...REFUSALS.map(refusalCheck),
  malformedCheck('no-node', 'no NodeInfo', () => new Uint8Array(0)),
  malformedCheck('two-nodes', 'two NodeInfos', (context) => join(nodeAnd(context), nodeAnd(context))),
  malformedCheck('long-node-id', 'a node_id of 65 bytes', (context) => nodeAnd(context, field(4, letters(65)))),
  malformedCheck('long-user-agent', 'a user_agent of 257 bytes', (context) => nodeAnd(context, field(5, letters(257)))),
  malformedCheck('many-addresses', '17 addresses', (context) => nodeAnd(context, ...Array.from({ length: 17 }, () => field(6, letters(8))))),
  malformedCheck('long-address', 'an address of 193 bytes', (context) => nodeAnd(context, field(6, letters(193)))),
  malformedCheck('high-height', 'a best_height of 2^53', (context) => nodeAnd(context, field(7, 2n ** 53n))),
  malformedCheck('short-hash', 'a best_hash of 31 bytes', (context) => nodeAnd(context, field(8, letters(31)))),
  malformedCheck('malformed-before-version', 'another version and a node_id of 65 bytes', (context) => {
    return nodeAnd(context, field(1, 2), field(4, letters(65)))
  }),
  {
    id: 'handshake-limits',
    title: 'takes a handshake whose every field is as long as it may be',
    section: 'Fields',
    text: 'at most 16, each at most 192 bytes; what is no multiaddr is not used',
    manners: 'polite',
    run: async (context: CheckContext): Promise<void> => {
      const node = nodeAnd(
        context, field(4, letters(64)), field(5, letters(256)), ...Array.from({ length: 16 }, () => field(6, letters(192))), field(7, 0)
      )
      const link = await context.open()
      link.sendFrame(field(BODY.handshake, node))
      await link.next('handshake')
      await link.fence('that a handshake at every limit is taken, with a Pong')
    }
  },
  {
    id: 'handshake-odd-addresses',
    title: 'takes addresses that are none, and those of another peer',
    section: SECTION,
    text: 'A node does not use an address that ends with the id of another peer.',
    manners: 'polite',
    run: async (context: CheckContext): Promise<void> => {
      const { multiaddr } = await import('@multiformats/multiaddr')
      const listenAddrs = [
        new Uint8Array(0), Uint8Array.of(255), multiaddr(`/ip4/127.0.0.1/tcp/1/p2p/${context.target.id}`).bytes, multiaddr('/ip4/0.0.0.0/tcp/0').bytes
      ]
      await context.session({ node: { listenAddrs } })
    }
  },
  {
    id: 'handshake-utf8',
    title: 'takes names of any UTF-8',
    section: 'Grammar',
    text: 'A byte order mark is a character, and so is U+0000',
    manners: 'polite',
    run: async (context: CheckContext): Promise<void> => { await context.session({ node: { nodeId: '\uFEFF節\0✓🧡', userAgent: 'nœud/1.0 \u0007' } }) }
  },
  {
    id: 'refuse-full',
    title: 'says TOO_MANY_CONNECTIONS where all places are taken',
    section: 'Disconnect reasons',
    text: 'all inbound places, all for handshakes, or all of that host are taken; also in a session that was ready, which has to make room',
    manners: 'rude',
    when: 'alone',
    run: async (context: CheckContext): Promise<void> => {
      const links: Link[] = []

      for (let i = 0; i < CROWD; i++) {
        const link = await context.open()
        link.sendFrame(encodeMessage({ type: 'handshake', node: context.node() }))
        links.push(link)
        await link.tryNext(['handshake', 'disconnect'])

        if (links.some(({ closure }) => closure != null)) {
          break
        }
      }

      await links.at(-1)!.until(() => links.some(({ closure }) => closure != null), 1000)
      const ended = links.filter(({ closure }) => closure != null)

      if (ended.length === 0) {
        context.skip(`the target has room for ${CROWD} sessions and more from one host`)
      }

      expectThat(ended.every((link) => {
        return link.arrivals.some(({ message }) => message?.type === 'disconnect' && message.reason === 'TOO_MANY_CONNECTIONS')
      }), { expected: 'Disconnect(TOO_MANY_CONNECTIONS) in each session that ends', seen: ended.map(({ seen }) => seen).join('; and ') })
    }
  }
]

import { expectDisconnect, expectWelcome } from '../expect.ts'
import type { Check } from '../../check.ts'
import type { CheckContext } from '../../context.ts'
import type { DisconnectReason, NodeInfo } from '../../../types/message.ts'

/** A handshake that is taken. */
export function taken ({ id, title, section, text }: Pick<Check, 'id' | 'title' | 'section' | 'text'>, node: (context: CheckContext) => Partial<NodeInfo>): Check {
  return {
    id,
    title,
    section,
    text,
    manners: 'polite',
    run: async (context: CheckContext): Promise<void> => { await context.session({ node: node(context) }) }
  }
}

/** What is refused, and with what reason. */
export interface Refused extends Pick<Check, 'id' | 'title' | 'section' | 'text'> { reason: DisconnectReason }

/** A handshake that is refused, and no violation. */
export function refused ({ id, title, section, text, reason }: Refused, node: (context: CheckContext) => Partial<NodeInfo>): Check {
  return {
    id,
    title,
    section,
    text,
    manners: 'polite',
    run: async (context: CheckContext): Promise<void> => { await expectRefused(context, node(context), reason) }
  }
}

/** A handshake has to be refused with a reason, and the same peer has to be welcome with another one. */
export async function expectRefused (context: CheckContext, node: Partial<NodeInfo>, reason: DisconnectReason): Promise<void> {
  const peer = await context.peer()
  const link = await context.open({ peer })
  link.send({ type: 'handshake', node: context.node(node) })
  await expectDisconnect(link, [reason])
  await expectWelcome(context, peer, `Disconnect(${reason})`)
}

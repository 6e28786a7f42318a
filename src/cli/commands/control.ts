import { Option } from 'commander'
import { addAskFlags } from '../admin/flags.ts'
import { settingName } from '../settings/setting.ts'
import { readText } from '../settings/values.ts'
import type { AdminAnswers, CapsAnswer } from '../admin/answers.ts'
import type { AskOptions } from '../admin/ask.ts'
import type { NetworkStatus } from '../../index.ts'
import type { AddCommand } from '../program.ts'

/** `vibecoin-network bans`: whom a running node keeps out. */
export const addBans: AddCommand = ({ program, run, env }) => {
  addAskFlags(program.command('bans').description('Show the bans of a running node.'))
    .action(run(async (options: AskOptions) => {
      const [{ askNode }, { renderBans }] = await Promise.all([import('../admin/ask.ts'), import('../admin/lists-view.ts')])

      return askNode<AdminAnswers['bans']>(options, env, { ask: async (client) => client.call('bans'), render: renderBans })
    }))
}

/** Longer than the 7 days that bans of the node itself come to: ten years. */
const BAN_SECONDS = { type: 'number', min: 0.01, max: 10 * 365 * 24 * 60 * 60 } as const

/** `vibecoin-network ban`: keeps a peer or a host out. */
export const addBan: AddCommand = ({ program, run, env }) => {
  addAskFlags(program.command('ban').description('Have a running node keep out a peer, or all peers at an address.')
    .argument('<subject>', 'A peer id, the end of that of a peer, its name, an IP address, or an IPv6 /64.')
    .option('--duration <SECONDS>', 'How long, up to ten years (default that of --ban-duration of the node).')
    .option('--reason <TEXT>', 'Why, for the list of bans.'))
    .action(run(async (subject: string, options: AskOptions & { duration?: string, reason?: string }) => {
      const [{ askNode }, { renderBans }] = await Promise.all([import('../admin/ask.ts'), import('../admin/lists-view.ts')])
      const { duration, reason } = options
      const ms = duration == null ? undefined : 1000 * Number(readText(duration, { kind: BAN_SECONDS }, { label: '--duration', directory: '' }))

      return askNode<AdminAnswers['ban']>(options, env, {
        ask: async (client) => client.call('ban', { subject, duration: ms, reason }), render: (ban, columns) => renderBans([ban], columns)
      })
    }))
}

/** `vibecoin-network unban`: ends a ban. */
export const addUnban: AddCommand = ({ program, run, env }) => {
  addAskFlags(program.command('unban').description('Have a running node end a ban, and forget the offences.')
    .argument('<subject>', 'A peer id or the end of it, an IP address, or an IPv6 /64, as `bans` shows it.'))
    .action(run(async (subject: string, options: AskOptions) => {
      const { askNode } = await import('../admin/ask.ts')

      return askNode<AdminAnswers['unban']>(options, env, {
        ask: async (client) => client.call('unban', { subject }),
        render: ({ subject, unbanned }) => [unbanned ? `${subject} is banned no more` : `${subject} was not banned: see \`bans\``]
      })
    }))
}

/** `vibecoin-network connect`: opens a session. */
export const addConnect: AddCommand = ({ program, run, env }) => {
  addAskFlags(program.command('connect').description('Have a running node open a session with a peer.')
    .argument('<address>', 'Its multiaddr, such as /ip4/203.0.113.7/tcp/8765.'))
    .action(run(async (address: string, options: AskOptions) => {
      const [{ askNode }, { renderPeer }] = await Promise.all([import('../admin/ask.ts'), import('../admin/peers-view.ts')])

      return askNode<AdminAnswers['connect']>(options, env, { ask: async (client) => client.call('connect', { address }), render: renderPeer })
    }))
}

/** `vibecoin-network disconnect`: ends a session. */
export const addDisconnect: AddCommand = ({ program, run, env }) => {
  addAskFlags(program.command('disconnect').description('Have a running node end the session with a peer. It may come back: see ban.')
    .argument('<peer>', 'Its peer id, the end of that, or its name.'))
    .action(run(async (peer: string, options: AskOptions) => {
      const { askNode } = await import('../admin/ask.ts')

      return askNode<AdminAnswers['disconnect']>(options, env, {
        ask: async (client) => client.call('disconnect', { peer }), render: ({ peer }) => [`The session with ${peer} has ended`]
      })
    }))
}

/** The flags of the caps, by the names of the network. */
const CAPS = { upload: 'to all peers', download: 'from all peers', peerUpload: 'to one peer', peerDownload: 'from one peer' }

/** `vibecoin-network bandwidth`: what passes, and the caps. */
export const addBandwidth: AddCommand = ({ program, run, env }) => {
  const command = program.command('bandwidth').description('Show what passes a running node by type of message, or change its caps until it stops.')

  for (const [name, what] of Object.entries(CAPS)) {
    command.addOption(new Option(`--${settingName(name)} <SIZE>`, `Change the cap of bytes a second ${what}: 500000, 5MB, or none.`))
  }

  addAskFlags(command).action(run(async (options: AskOptions & Partial<Record<keyof typeof CAPS, string>>) => {
    const [{ askNode }, { renderBandwidth, renderCaps }] = await Promise.all([import('../admin/ask.ts'), import('../admin/lists-view.ts')])
    const changes = Object.fromEntries(Object.keys(CAPS).flatMap((name) => {
      const text = options[name as keyof typeof CAPS]

      return text == null ? [] : [[name, text === 'none' ? null : readText(text, { kind: { type: 'size' } }, { label: `--${settingName(name)}`, directory: '' })]]
    }))

    if (Object.keys(changes).length > 0) {
      return askNode<CapsAnswer>(options, env, {
        ask: async (client) => client.call('setBandwidth', changes), render: (limits) => [renderCaps(limits)]
      })
    }

    return askNode<NetworkStatus['bandwidth']>(options, env, { ask: async (client) => client.call('bandwidth'), render: renderBandwidth })
  }))
}

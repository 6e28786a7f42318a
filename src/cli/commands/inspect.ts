import { addAskFlags } from '../admin/flags.ts'
import type { ProcessStatus } from '../../admin/methods.ts'
import type { AdminAnswers } from '../admin/answers.ts'
import type { AskOptions } from '../admin/ask.ts'
import type { NetworkStatus, PeerStatus } from '../../index.ts'
import type { AddCommand } from '../program.ts'

/** `vibecoin-network status`: how a running node is. */
export const addStatus: AddCommand = ({ program, run, env }) => {
  addAskFlags(program.command('status').description('Show how a running node is: chain, peers, dials, queues.'))
    .action(run(async (options: AskOptions) => {
      const [{ askNode }, { renderStatus }] = await Promise.all([import('../admin/ask.ts'), import('../admin/status-view.ts')])

      return askNode<AdminAnswers['status']>(options, env, {
        ask: async (client) => {
          const [status, process] = await Promise.all([client.call<NetworkStatus>('status'), client.call<ProcessStatus>('process')])

          return { status, process }
        },
        render: renderStatus
      })
    }))
}

/** `vibecoin-network peers`: the peers of a running node. */
export const addPeers: AddCommand = ({ program, run, env }) => {
  addAskFlags(program.command('peers').description('Show the peers of a running node, in a table.'))
    .action(run(async (options: AskOptions) => {
      const [{ askNode }, { renderPeers }] = await Promise.all([import('../admin/ask.ts'), import('../admin/peers-view.ts')])

      return askNode<AdminAnswers['peers']>(options, env, { ask: async (client) => client.call('peers'), render: renderPeers })
    }))
}

/** `vibecoin-network peer`: one peer of a running node. */
export const addPeer: AddCommand = ({ program, run, env }) => {
  addAskFlags(program.command('peer').description('Show all that a running node knows of one peer.')
    .argument('<peer>', 'Its peer id, the end of that, or its name.'))
    .action(run(async (peer: string, options: AskOptions) => {
      const [{ askNode }, { renderPeer }] = await Promise.all([import('../admin/ask.ts'), import('../admin/peers-view.ts')])

      return askNode<AdminAnswers['peer']>(options, env, { ask: async (client) => client.call('peer', { peer }), render: renderPeer })
    }))
}

/** `vibecoin-network dials`: whom a running node dials. */
export const addDials: AddCommand = ({ program, run, env }) => {
  addAskFlags(program.command('dials').description('Show whom a running node dials, when next, and why the last dial failed.'))
    .action(run(async (options: AskOptions) => {
      const [{ askNode }, { renderDials }] = await Promise.all([import('../admin/ask.ts'), import('../admin/dials-view.ts')])

      return askNode<AdminAnswers['dials']>(options, env, { ask: async (client) => client.call('dials'), render: renderDials })
    }))
}

/** `vibecoin-network blocks`: the last blocks of peers. */
export const addBlocks: AddCommand = ({ program, run, env }) => {
  addAskFlags(program.command('blocks').description('Show the last blocks that peers have brought to a running node.'))
    .action(run(async (options: AskOptions) => {
      const [{ askNode }, { renderBlocks }] = await Promise.all([import('../admin/ask.ts'), import('../admin/lists-view.ts')])
      let names = new Map<string, string>()

      return askNode<AdminAnswers['blocks']>(options, env, {
        ask: async (client) => {
          names = new Map((await client.call<PeerStatus[]>('peers')).map(({ id, nodeId }) => [id, nodeId]))

          return client.call('blocks')
        },
        render: (blocks, columns) => renderBlocks(blocks, { names, columns })
      })
    }))
}

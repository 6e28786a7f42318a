/** What sessions of ours go over. */
export type Transport = 'tcp' | 'quic'

/** Where a node on this machine listens. One that dials over QUIC listens there too, since it would not load it otherwise. */
export function listenOn (transport: Transport): string[] {
  return [transport === 'quic' ? '/ip4/127.0.0.1/udp/0/quic-v1' : '/ip4/127.0.0.1/tcp/0']
}

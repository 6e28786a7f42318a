// The least that a page loads which starts a node: what it costs is in bundle-size.json.
export { startNetwork } from 'vibecoin-network'

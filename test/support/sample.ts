export {
  sampleBlock, sampleBlockHash, sampleChain, sampleHash, sampleNodeInfo, sampleTransaction
} from '../../src/testing/chain/sample.ts'

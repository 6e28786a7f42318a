import * as $protobuf from "protobufjs/minimal.js";
import Long = require("long");

/** Namespace vibecoin. */
export namespace vibecoin {

    /** Namespace network. */
    namespace network {

        /** Namespace v1. */
        namespace v1 {

            /**
             * Properties of a Message.
             * @deprecated Use vibecoin.network.v1.Message.$Properties instead.
             */
            interface IMessage extends vibecoin.network.v1.Message.$Properties {
            }

            /** Represents a Message. */
            class Message {

                /**
                 * Constructs a new Message.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: vibecoin.network.v1.Message.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Message requestId. */
                requestId: (number|Long);

                /** Message handshake. */
                handshake?: (vibecoin.network.v1.Handshake.$Properties|null);

                /** Message newBlock. */
                newBlock?: (vibecoin.network.v1.NewBlock.$Properties|null);

                /** Message newTransaction. */
                newTransaction?: (vibecoin.network.v1.NewTransaction.$Properties|null);

                /** Message requestBlock. */
                requestBlock?: (vibecoin.network.v1.RequestBlock.$Properties|null);

                /** Message responseBlock. */
                responseBlock?: (vibecoin.network.v1.ResponseBlock.$Properties|null);

                /** Message requestBlockRange. */
                requestBlockRange?: (vibecoin.network.v1.RequestBlockRange.$Properties|null);

                /** Message responseBlockRange. */
                responseBlockRange?: (vibecoin.network.v1.ResponseBlockRange.$Properties|null);

                /** Message ping. */
                ping?: (vibecoin.network.v1.Ping.$Properties|null);

                /** Message pong. */
                pong?: (vibecoin.network.v1.Pong.$Properties|null);

                /** Message disconnect. */
                disconnect?: (vibecoin.network.v1.Disconnect.$Properties|null);

                /** Message have. */
                have?: (vibecoin.network.v1.Have.$Properties|null);

                /** Message want. */
                want?: (vibecoin.network.v1.Want.$Properties|null);

                /** Message compactBlock. */
                compactBlock?: (vibecoin.network.v1.CompactBlock.$Properties|null);

                /** Message requestTransactions. */
                requestTransactions?: (vibecoin.network.v1.RequestTransactions.$Properties|null);

                /** Message responseTransactions. */
                responseTransactions?: (vibecoin.network.v1.ResponseTransactions.$Properties|null);

                /** Message requestPeers. */
                requestPeers?: (vibecoin.network.v1.RequestPeers.$Properties|null);

                /** Message responsePeers. */
                responsePeers?: (vibecoin.network.v1.ResponsePeers.$Properties|null);

                /** Message body. */
                body?: ("handshake"|"newBlock"|"newTransaction"|"requestBlock"|"responseBlock"|"requestBlockRange"|"responseBlockRange"|"ping"|"pong"|"disconnect"|"have"|"want"|"compactBlock"|"requestTransactions"|"responseTransactions"|"requestPeers"|"responsePeers");

                /**
                 * Creates a new Message instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns Message instance
                 */
                static create(properties: vibecoin.network.v1.Message.$Shape): vibecoin.network.v1.Message & vibecoin.network.v1.Message.$Shape;
                static create(properties?: vibecoin.network.v1.Message.$Properties): vibecoin.network.v1.Message;

                /**
                 * Encodes the specified Message message. Does not implicitly {@link vibecoin.network.v1.Message.verify|verify} messages.
                 * @param message Message message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: vibecoin.network.v1.Message.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Message message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {vibecoin.network.v1.Message & vibecoin.network.v1.Message.$Shape} Message
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): vibecoin.network.v1.Message & vibecoin.network.v1.Message.$Shape;
            }

            namespace Message {

                /** Properties of a Message. */
                interface $Properties {

                    /** Message requestId */
                    requestId?: (number|Long|null);

                    /** Message handshake */
                    handshake?: (vibecoin.network.v1.Handshake.$Properties|null);

                    /** Message newBlock */
                    newBlock?: (vibecoin.network.v1.NewBlock.$Properties|null);

                    /** Message newTransaction */
                    newTransaction?: (vibecoin.network.v1.NewTransaction.$Properties|null);

                    /** Message requestBlock */
                    requestBlock?: (vibecoin.network.v1.RequestBlock.$Properties|null);

                    /** Message responseBlock */
                    responseBlock?: (vibecoin.network.v1.ResponseBlock.$Properties|null);

                    /** Message requestBlockRange */
                    requestBlockRange?: (vibecoin.network.v1.RequestBlockRange.$Properties|null);

                    /** Message responseBlockRange */
                    responseBlockRange?: (vibecoin.network.v1.ResponseBlockRange.$Properties|null);

                    /** Message ping */
                    ping?: (vibecoin.network.v1.Ping.$Properties|null);

                    /** Message pong */
                    pong?: (vibecoin.network.v1.Pong.$Properties|null);

                    /** Message disconnect */
                    disconnect?: (vibecoin.network.v1.Disconnect.$Properties|null);

                    /** Message have */
                    have?: (vibecoin.network.v1.Have.$Properties|null);

                    /** Message want */
                    want?: (vibecoin.network.v1.Want.$Properties|null);

                    /** Message compactBlock */
                    compactBlock?: (vibecoin.network.v1.CompactBlock.$Properties|null);

                    /** Message requestTransactions */
                    requestTransactions?: (vibecoin.network.v1.RequestTransactions.$Properties|null);

                    /** Message responseTransactions */
                    responseTransactions?: (vibecoin.network.v1.ResponseTransactions.$Properties|null);

                    /** Message requestPeers */
                    requestPeers?: (vibecoin.network.v1.RequestPeers.$Properties|null);

                    /** Message responsePeers */
                    responsePeers?: (vibecoin.network.v1.ResponsePeers.$Properties|null);

                    /** Message body */
                    body?: ("handshake"|"newBlock"|"newTransaction"|"requestBlock"|"responseBlock"|"requestBlockRange"|"responseBlockRange"|"ping"|"pong"|"disconnect"|"have"|"want"|"compactBlock"|"requestTransactions"|"responseTransactions"|"requestPeers"|"responsePeers");

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Narrowed shape of a Message. */
                type $Shape = {
                  requestId?: number|Long|null;
                  handshake?: vibecoin.network.v1.Handshake.$Shape|null;
                  newBlock?: vibecoin.network.v1.NewBlock.$Shape|null;
                  newTransaction?: vibecoin.network.v1.NewTransaction.$Shape|null;
                  requestBlock?: vibecoin.network.v1.RequestBlock.$Shape|null;
                  responseBlock?: vibecoin.network.v1.ResponseBlock.$Shape|null;
                  requestBlockRange?: vibecoin.network.v1.RequestBlockRange.$Shape|null;
                  responseBlockRange?: vibecoin.network.v1.ResponseBlockRange.$Shape|null;
                  ping?: vibecoin.network.v1.Ping.$Shape|null;
                  pong?: vibecoin.network.v1.Pong.$Shape|null;
                  disconnect?: vibecoin.network.v1.Disconnect.$Shape|null;
                  have?: vibecoin.network.v1.Have.$Shape|null;
                  want?: vibecoin.network.v1.Want.$Shape|null;
                  compactBlock?: vibecoin.network.v1.CompactBlock.$Shape|null;
                  requestTransactions?: vibecoin.network.v1.RequestTransactions.$Shape|null;
                  responseTransactions?: vibecoin.network.v1.ResponseTransactions.$Shape|null;
                  requestPeers?: vibecoin.network.v1.RequestPeers.$Shape|null;
                  responsePeers?: vibecoin.network.v1.ResponsePeers.$Shape|null;
                  $unknowns?: Uint8Array[];
                } & (
                  ({ body?: undefined; handshake?: null; newBlock?: null; newTransaction?: null; requestBlock?: null; responseBlock?: null; requestBlockRange?: null; responseBlockRange?: null; ping?: null; pong?: null; disconnect?: null; have?: null; want?: null; compactBlock?: null; requestTransactions?: null; responseTransactions?: null; requestPeers?: null; responsePeers?: null }|{ body?: "handshake"; handshake: vibecoin.network.v1.Handshake.$Shape; newBlock?: null; newTransaction?: null; requestBlock?: null; responseBlock?: null; requestBlockRange?: null; responseBlockRange?: null; ping?: null; pong?: null; disconnect?: null; have?: null; want?: null; compactBlock?: null; requestTransactions?: null; responseTransactions?: null; requestPeers?: null; responsePeers?: null }|{ body?: "newBlock"; handshake?: null; newBlock: vibecoin.network.v1.NewBlock.$Shape; newTransaction?: null; requestBlock?: null; responseBlock?: null; requestBlockRange?: null; responseBlockRange?: null; ping?: null; pong?: null; disconnect?: null; have?: null; want?: null; compactBlock?: null; requestTransactions?: null; responseTransactions?: null; requestPeers?: null; responsePeers?: null }|{ body?: "newTransaction"; handshake?: null; newBlock?: null; newTransaction: vibecoin.network.v1.NewTransaction.$Shape; requestBlock?: null; responseBlock?: null; requestBlockRange?: null; responseBlockRange?: null; ping?: null; pong?: null; disconnect?: null; have?: null; want?: null; compactBlock?: null; requestTransactions?: null; responseTransactions?: null; requestPeers?: null; responsePeers?: null }|{ body?: "requestBlock"; handshake?: null; newBlock?: null; newTransaction?: null; requestBlock: vibecoin.network.v1.RequestBlock.$Shape; responseBlock?: null; requestBlockRange?: null; responseBlockRange?: null; ping?: null; pong?: null; disconnect?: null; have?: null; want?: null; compactBlock?: null; requestTransactions?: null; responseTransactions?: null; requestPeers?: null; responsePeers?: null }|{ body?: "responseBlock"; handshake?: null; newBlock?: null; newTransaction?: null; requestBlock?: null; responseBlock: vibecoin.network.v1.ResponseBlock.$Shape; requestBlockRange?: null; responseBlockRange?: null; ping?: null; pong?: null; disconnect?: null; have?: null; want?: null; compactBlock?: null; requestTransactions?: null; responseTransactions?: null; requestPeers?: null; responsePeers?: null }|{ body?: "requestBlockRange"; handshake?: null; newBlock?: null; newTransaction?: null; requestBlock?: null; responseBlock?: null; requestBlockRange: vibecoin.network.v1.RequestBlockRange.$Shape; responseBlockRange?: null; ping?: null; pong?: null; disconnect?: null; have?: null; want?: null; compactBlock?: null; requestTransactions?: null; responseTransactions?: null; requestPeers?: null; responsePeers?: null }|{ body?: "responseBlockRange"; handshake?: null; newBlock?: null; newTransaction?: null; requestBlock?: null; responseBlock?: null; requestBlockRange?: null; responseBlockRange: vibecoin.network.v1.ResponseBlockRange.$Shape; ping?: null; pong?: null; disconnect?: null; have?: null; want?: null; compactBlock?: null; requestTransactions?: null; responseTransactions?: null; requestPeers?: null; responsePeers?: null }|{ body?: "ping"; handshake?: null; newBlock?: null; newTransaction?: null; requestBlock?: null; responseBlock?: null; requestBlockRange?: null; responseBlockRange?: null; ping: vibecoin.network.v1.Ping.$Shape; pong?: null; disconnect?: null; have?: null; want?: null; compactBlock?: null; requestTransactions?: null; responseTransactions?: null; requestPeers?: null; responsePeers?: null }|{ body?: "pong"; handshake?: null; newBlock?: null; newTransaction?: null; requestBlock?: null; responseBlock?: null; requestBlockRange?: null; responseBlockRange?: null; ping?: null; pong: vibecoin.network.v1.Pong.$Shape; disconnect?: null; have?: null; want?: null; compactBlock?: null; requestTransactions?: null; responseTransactions?: null; requestPeers?: null; responsePeers?: null }|{ body?: "disconnect"; handshake?: null; newBlock?: null; newTransaction?: null; requestBlock?: null; responseBlock?: null; requestBlockRange?: null; responseBlockRange?: null; ping?: null; pong?: null; disconnect: vibecoin.network.v1.Disconnect.$Shape; have?: null; want?: null; compactBlock?: null; requestTransactions?: null; responseTransactions?: null; requestPeers?: null; responsePeers?: null }|{ body?: "have"; handshake?: null; newBlock?: null; newTransaction?: null; requestBlock?: null; responseBlock?: null; requestBlockRange?: null; responseBlockRange?: null; ping?: null; pong?: null; disconnect?: null; have: vibecoin.network.v1.Have.$Shape; want?: null; compactBlock?: null; requestTransactions?: null; responseTransactions?: null; requestPeers?: null; responsePeers?: null }|{ body?: "want"; handshake?: null; newBlock?: null; newTransaction?: null; requestBlock?: null; responseBlock?: null; requestBlockRange?: null; responseBlockRange?: null; ping?: null; pong?: null; disconnect?: null; have?: null; want: vibecoin.network.v1.Want.$Shape; compactBlock?: null; requestTransactions?: null; responseTransactions?: null; requestPeers?: null; responsePeers?: null }|{ body?: "compactBlock"; handshake?: null; newBlock?: null; newTransaction?: null; requestBlock?: null; responseBlock?: null; requestBlockRange?: null; responseBlockRange?: null; ping?: null; pong?: null; disconnect?: null; have?: null; want?: null; compactBlock: vibecoin.network.v1.CompactBlock.$Shape; requestTransactions?: null; responseTransactions?: null; requestPeers?: null; responsePeers?: null }|{ body?: "requestTransactions"; handshake?: null; newBlock?: null; newTransaction?: null; requestBlock?: null; responseBlock?: null; requestBlockRange?: null; responseBlockRange?: null; ping?: null; pong?: null; disconnect?: null; have?: null; want?: null; compactBlock?: null; requestTransactions: vibecoin.network.v1.RequestTransactions.$Shape; responseTransactions?: null; requestPeers?: null; responsePeers?: null }|{ body?: "responseTransactions"; handshake?: null; newBlock?: null; newTransaction?: null; requestBlock?: null; responseBlock?: null; requestBlockRange?: null; responseBlockRange?: null; ping?: null; pong?: null; disconnect?: null; have?: null; want?: null; compactBlock?: null; requestTransactions?: null; responseTransactions: vibecoin.network.v1.ResponseTransactions.$Shape; requestPeers?: null; responsePeers?: null }|{ body?: "requestPeers"; handshake?: null; newBlock?: null; newTransaction?: null; requestBlock?: null; responseBlock?: null; requestBlockRange?: null; responseBlockRange?: null; ping?: null; pong?: null; disconnect?: null; have?: null; want?: null; compactBlock?: null; requestTransactions?: null; responseTransactions?: null; requestPeers: vibecoin.network.v1.RequestPeers.$Shape; responsePeers?: null }|{ body?: "responsePeers"; handshake?: null; newBlock?: null; newTransaction?: null; requestBlock?: null; responseBlock?: null; requestBlockRange?: null; responseBlockRange?: null; ping?: null; pong?: null; disconnect?: null; have?: null; want?: null; compactBlock?: null; requestTransactions?: null; responseTransactions?: null; requestPeers?: null; responsePeers: vibecoin.network.v1.ResponsePeers.$Shape })
                );
            }

            /**
             * Properties of a NodeInfo.
             * @deprecated Use vibecoin.network.v1.NodeInfo.$Properties instead.
             */
            interface INodeInfo extends vibecoin.network.v1.NodeInfo.$Properties {
            }

            /** Represents a NodeInfo. */
            class NodeInfo {

                /**
                 * Constructs a new NodeInfo.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: vibecoin.network.v1.NodeInfo.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** NodeInfo protocolVersion. */
                protocolVersion: number;

                /** NodeInfo network. */
                network: string;

                /** NodeInfo genesisHash. */
                genesisHash: Uint8Array;

                /** NodeInfo nodeId. */
                nodeId: string;

                /** NodeInfo userAgent. */
                userAgent: string;

                /** NodeInfo listenAddrs. */
                listenAddrs: Uint8Array[];

                /** NodeInfo bestHeight. */
                bestHeight: (number|Long);

                /** NodeInfo bestHash. */
                bestHash: Uint8Array;

                /** NodeInfo minProtocolVersion. */
                minProtocolVersion: number;

                /** NodeInfo features. */
                features: (number|Long);

                /** NodeInfo lowestHeight. */
                lowestHeight: (number|Long);

                /** NodeInfo forkId. */
                forkId?: (vibecoin.network.v1.ForkId.$Properties|null);

                /** NodeInfo blockOnly. */
                blockOnly: boolean;

                /**
                 * Creates a new NodeInfo instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns NodeInfo instance
                 */
                static create(properties: vibecoin.network.v1.NodeInfo.$Shape): vibecoin.network.v1.NodeInfo & vibecoin.network.v1.NodeInfo.$Shape;
                static create(properties?: vibecoin.network.v1.NodeInfo.$Properties): vibecoin.network.v1.NodeInfo;

                /**
                 * Encodes the specified NodeInfo message. Does not implicitly {@link vibecoin.network.v1.NodeInfo.verify|verify} messages.
                 * @param message NodeInfo message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: vibecoin.network.v1.NodeInfo.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a NodeInfo message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {vibecoin.network.v1.NodeInfo & vibecoin.network.v1.NodeInfo.$Shape} NodeInfo
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): vibecoin.network.v1.NodeInfo & vibecoin.network.v1.NodeInfo.$Shape;
            }

            namespace NodeInfo {

                /** Properties of a NodeInfo. */
                interface $Properties {

                    /** NodeInfo protocolVersion */
                    protocolVersion?: (number|null);

                    /** NodeInfo network */
                    network?: (string|null);

                    /** NodeInfo genesisHash */
                    genesisHash?: (Uint8Array|null);

                    /** NodeInfo nodeId */
                    nodeId?: (string|null);

                    /** NodeInfo userAgent */
                    userAgent?: (string|null);

                    /** NodeInfo listenAddrs */
                    listenAddrs?: (Uint8Array[]|null);

                    /** NodeInfo bestHeight */
                    bestHeight?: (number|Long|null);

                    /** NodeInfo bestHash */
                    bestHash?: (Uint8Array|null);

                    /** NodeInfo minProtocolVersion */
                    minProtocolVersion?: (number|null);

                    /** NodeInfo features */
                    features?: (number|Long|null);

                    /** NodeInfo lowestHeight */
                    lowestHeight?: (number|Long|null);

                    /** NodeInfo forkId */
                    forkId?: (vibecoin.network.v1.ForkId.$Properties|null);

                    /** NodeInfo blockOnly */
                    blockOnly?: (boolean|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a NodeInfo. */
                type $Shape = vibecoin.network.v1.NodeInfo.$Properties;
            }

            /**
             * Properties of a ForkId.
             * @deprecated Use vibecoin.network.v1.ForkId.$Properties instead.
             */
            interface IForkId extends vibecoin.network.v1.ForkId.$Properties {
            }

            /** Represents a ForkId. */
            class ForkId {

                /**
                 * Constructs a new ForkId.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: vibecoin.network.v1.ForkId.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** ForkId hash. */
                hash: number;

                /** ForkId next. */
                next: (number|Long);

                /**
                 * Creates a new ForkId instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns ForkId instance
                 */
                static create(properties: vibecoin.network.v1.ForkId.$Shape): vibecoin.network.v1.ForkId & vibecoin.network.v1.ForkId.$Shape;
                static create(properties?: vibecoin.network.v1.ForkId.$Properties): vibecoin.network.v1.ForkId;

                /**
                 * Encodes the specified ForkId message. Does not implicitly {@link vibecoin.network.v1.ForkId.verify|verify} messages.
                 * @param message ForkId message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: vibecoin.network.v1.ForkId.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a ForkId message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {vibecoin.network.v1.ForkId & vibecoin.network.v1.ForkId.$Shape} ForkId
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): vibecoin.network.v1.ForkId & vibecoin.network.v1.ForkId.$Shape;
            }

            namespace ForkId {

                /** Properties of a ForkId. */
                interface $Properties {

                    /** ForkId hash */
                    hash?: (number|null);

                    /** ForkId next */
                    next?: (number|Long|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a ForkId. */
                type $Shape = vibecoin.network.v1.ForkId.$Properties;
            }

            /**
             * Properties of a Transaction.
             * @deprecated Use vibecoin.network.v1.Transaction.$Properties instead.
             */
            interface ITransaction extends vibecoin.network.v1.Transaction.$Properties {
            }

            /** Represents a Transaction. */
            class Transaction {

                /**
                 * Constructs a new Transaction.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: vibecoin.network.v1.Transaction.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Transaction id. */
                id: Uint8Array;

                /** Transaction sender. */
                sender: Uint8Array;

                /** Transaction recipient. */
                recipient: Uint8Array;

                /** Transaction value. */
                value: (number|Long);

                /** Transaction nonce. */
                nonce: (number|Long);

                /** Transaction gasPrice. */
                gasPrice: (number|Long);

                /** Transaction gasLimit. */
                gasLimit: (number|Long);

                /** Transaction data. */
                data: Uint8Array;

                /** Transaction signature. */
                signature: Uint8Array;

                /**
                 * Creates a new Transaction instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns Transaction instance
                 */
                static create(properties: vibecoin.network.v1.Transaction.$Shape): vibecoin.network.v1.Transaction & vibecoin.network.v1.Transaction.$Shape;
                static create(properties?: vibecoin.network.v1.Transaction.$Properties): vibecoin.network.v1.Transaction;

                /**
                 * Encodes the specified Transaction message. Does not implicitly {@link vibecoin.network.v1.Transaction.verify|verify} messages.
                 * @param message Transaction message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: vibecoin.network.v1.Transaction.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Transaction message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {vibecoin.network.v1.Transaction & vibecoin.network.v1.Transaction.$Shape} Transaction
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): vibecoin.network.v1.Transaction & vibecoin.network.v1.Transaction.$Shape;
            }

            namespace Transaction {

                /** Properties of a Transaction. */
                interface $Properties {

                    /** Transaction id */
                    id?: (Uint8Array|null);

                    /** Transaction sender */
                    sender?: (Uint8Array|null);

                    /** Transaction recipient */
                    recipient?: (Uint8Array|null);

                    /** Transaction value */
                    value?: (number|Long|null);

                    /** Transaction nonce */
                    nonce?: (number|Long|null);

                    /** Transaction gasPrice */
                    gasPrice?: (number|Long|null);

                    /** Transaction gasLimit */
                    gasLimit?: (number|Long|null);

                    /** Transaction data */
                    data?: (Uint8Array|null);

                    /** Transaction signature */
                    signature?: (Uint8Array|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a Transaction. */
                type $Shape = vibecoin.network.v1.Transaction.$Properties;
            }

            /**
             * Properties of a Block.
             * @deprecated Use vibecoin.network.v1.Block.$Properties instead.
             */
            interface IBlock extends vibecoin.network.v1.Block.$Properties {
            }

            /** Represents a Block. */
            class Block {

                /**
                 * Constructs a new Block.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: vibecoin.network.v1.Block.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Block height. */
                height: (number|Long);

                /** Block hash. */
                hash: Uint8Array;

                /** Block prevHash. */
                prevHash: Uint8Array;

                /** Block timestamp. */
                timestamp: (number|Long);

                /** Block stateRoot. */
                stateRoot: Uint8Array;

                /** Block transactions. */
                transactions: vibecoin.network.v1.Transaction.$Properties[];

                /** Block proof. */
                proof: Uint8Array;

                /**
                 * Creates a new Block instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns Block instance
                 */
                static create(properties: vibecoin.network.v1.Block.$Shape): vibecoin.network.v1.Block & vibecoin.network.v1.Block.$Shape;
                static create(properties?: vibecoin.network.v1.Block.$Properties): vibecoin.network.v1.Block;

                /**
                 * Encodes the specified Block message. Does not implicitly {@link vibecoin.network.v1.Block.verify|verify} messages.
                 * @param message Block message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: vibecoin.network.v1.Block.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Block message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {vibecoin.network.v1.Block & vibecoin.network.v1.Block.$Shape} Block
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): vibecoin.network.v1.Block & vibecoin.network.v1.Block.$Shape;
            }

            namespace Block {

                /** Properties of a Block. */
                interface $Properties {

                    /** Block height */
                    height?: (number|Long|null);

                    /** Block hash */
                    hash?: (Uint8Array|null);

                    /** Block prevHash */
                    prevHash?: (Uint8Array|null);

                    /** Block timestamp */
                    timestamp?: (number|Long|null);

                    /** Block stateRoot */
                    stateRoot?: (Uint8Array|null);

                    /** Block transactions */
                    transactions?: (vibecoin.network.v1.Transaction.$Properties[]|null);

                    /** Block proof */
                    proof?: (Uint8Array|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a Block. */
                type $Shape = vibecoin.network.v1.Block.$Properties;
            }

            /**
             * Properties of a Handshake.
             * @deprecated Use vibecoin.network.v1.Handshake.$Properties instead.
             */
            interface IHandshake extends vibecoin.network.v1.Handshake.$Properties {
            }

            /** Represents a Handshake. */
            class Handshake {

                /**
                 * Constructs a new Handshake.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: vibecoin.network.v1.Handshake.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Handshake node. */
                node?: (vibecoin.network.v1.NodeInfo.$Properties|null);

                /**
                 * Creates a new Handshake instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns Handshake instance
                 */
                static create(properties: vibecoin.network.v1.Handshake.$Shape): vibecoin.network.v1.Handshake & vibecoin.network.v1.Handshake.$Shape;
                static create(properties?: vibecoin.network.v1.Handshake.$Properties): vibecoin.network.v1.Handshake;

                /**
                 * Encodes the specified Handshake message. Does not implicitly {@link vibecoin.network.v1.Handshake.verify|verify} messages.
                 * @param message Handshake message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: vibecoin.network.v1.Handshake.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Handshake message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {vibecoin.network.v1.Handshake & vibecoin.network.v1.Handshake.$Shape} Handshake
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): vibecoin.network.v1.Handshake & vibecoin.network.v1.Handshake.$Shape;
            }

            namespace Handshake {

                /** Properties of a Handshake. */
                interface $Properties {

                    /** Handshake node */
                    node?: (vibecoin.network.v1.NodeInfo.$Properties|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a Handshake. */
                type $Shape = vibecoin.network.v1.Handshake.$Properties;
            }

            /**
             * Properties of a NewBlock.
             * @deprecated Use vibecoin.network.v1.NewBlock.$Properties instead.
             */
            interface INewBlock extends vibecoin.network.v1.NewBlock.$Properties {
            }

            /** Represents a NewBlock. */
            class NewBlock {

                /**
                 * Constructs a new NewBlock.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: vibecoin.network.v1.NewBlock.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** NewBlock block. */
                block?: (vibecoin.network.v1.Block.$Properties|null);

                /**
                 * Creates a new NewBlock instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns NewBlock instance
                 */
                static create(properties: vibecoin.network.v1.NewBlock.$Shape): vibecoin.network.v1.NewBlock & vibecoin.network.v1.NewBlock.$Shape;
                static create(properties?: vibecoin.network.v1.NewBlock.$Properties): vibecoin.network.v1.NewBlock;

                /**
                 * Encodes the specified NewBlock message. Does not implicitly {@link vibecoin.network.v1.NewBlock.verify|verify} messages.
                 * @param message NewBlock message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: vibecoin.network.v1.NewBlock.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a NewBlock message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {vibecoin.network.v1.NewBlock & vibecoin.network.v1.NewBlock.$Shape} NewBlock
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): vibecoin.network.v1.NewBlock & vibecoin.network.v1.NewBlock.$Shape;
            }

            namespace NewBlock {

                /** Properties of a NewBlock. */
                interface $Properties {

                    /** NewBlock block */
                    block?: (vibecoin.network.v1.Block.$Properties|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a NewBlock. */
                type $Shape = vibecoin.network.v1.NewBlock.$Properties;
            }

            /**
             * Properties of a NewTransaction.
             * @deprecated Use vibecoin.network.v1.NewTransaction.$Properties instead.
             */
            interface INewTransaction extends vibecoin.network.v1.NewTransaction.$Properties {
            }

            /** Represents a NewTransaction. */
            class NewTransaction {

                /**
                 * Constructs a new NewTransaction.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: vibecoin.network.v1.NewTransaction.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** NewTransaction transaction. */
                transaction?: (vibecoin.network.v1.Transaction.$Properties|null);

                /**
                 * Creates a new NewTransaction instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns NewTransaction instance
                 */
                static create(properties: vibecoin.network.v1.NewTransaction.$Shape): vibecoin.network.v1.NewTransaction & vibecoin.network.v1.NewTransaction.$Shape;
                static create(properties?: vibecoin.network.v1.NewTransaction.$Properties): vibecoin.network.v1.NewTransaction;

                /**
                 * Encodes the specified NewTransaction message. Does not implicitly {@link vibecoin.network.v1.NewTransaction.verify|verify} messages.
                 * @param message NewTransaction message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: vibecoin.network.v1.NewTransaction.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a NewTransaction message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {vibecoin.network.v1.NewTransaction & vibecoin.network.v1.NewTransaction.$Shape} NewTransaction
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): vibecoin.network.v1.NewTransaction & vibecoin.network.v1.NewTransaction.$Shape;
            }

            namespace NewTransaction {

                /** Properties of a NewTransaction. */
                interface $Properties {

                    /** NewTransaction transaction */
                    transaction?: (vibecoin.network.v1.Transaction.$Properties|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a NewTransaction. */
                type $Shape = vibecoin.network.v1.NewTransaction.$Properties;
            }

            /**
             * Properties of a RequestBlock.
             * @deprecated Use vibecoin.network.v1.RequestBlock.$Properties instead.
             */
            interface IRequestBlock extends vibecoin.network.v1.RequestBlock.$Properties {
            }

            /** Represents a RequestBlock. */
            class RequestBlock {

                /**
                 * Constructs a new RequestBlock.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: vibecoin.network.v1.RequestBlock.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** RequestBlock height. */
                height: (number|Long);

                /**
                 * Creates a new RequestBlock instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns RequestBlock instance
                 */
                static create(properties: vibecoin.network.v1.RequestBlock.$Shape): vibecoin.network.v1.RequestBlock & vibecoin.network.v1.RequestBlock.$Shape;
                static create(properties?: vibecoin.network.v1.RequestBlock.$Properties): vibecoin.network.v1.RequestBlock;

                /**
                 * Encodes the specified RequestBlock message. Does not implicitly {@link vibecoin.network.v1.RequestBlock.verify|verify} messages.
                 * @param message RequestBlock message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: vibecoin.network.v1.RequestBlock.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a RequestBlock message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {vibecoin.network.v1.RequestBlock & vibecoin.network.v1.RequestBlock.$Shape} RequestBlock
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): vibecoin.network.v1.RequestBlock & vibecoin.network.v1.RequestBlock.$Shape;
            }

            namespace RequestBlock {

                /** Properties of a RequestBlock. */
                interface $Properties {

                    /** RequestBlock height */
                    height?: (number|Long|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a RequestBlock. */
                type $Shape = vibecoin.network.v1.RequestBlock.$Properties;
            }

            /**
             * Properties of a ResponseBlock.
             * @deprecated Use vibecoin.network.v1.ResponseBlock.$Properties instead.
             */
            interface IResponseBlock extends vibecoin.network.v1.ResponseBlock.$Properties {
            }

            /** Represents a ResponseBlock. */
            class ResponseBlock {

                /**
                 * Constructs a new ResponseBlock.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: vibecoin.network.v1.ResponseBlock.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** ResponseBlock block. */
                block?: (vibecoin.network.v1.Block.$Properties|null);

                /**
                 * Creates a new ResponseBlock instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns ResponseBlock instance
                 */
                static create(properties: vibecoin.network.v1.ResponseBlock.$Shape): vibecoin.network.v1.ResponseBlock & vibecoin.network.v1.ResponseBlock.$Shape;
                static create(properties?: vibecoin.network.v1.ResponseBlock.$Properties): vibecoin.network.v1.ResponseBlock;

                /**
                 * Encodes the specified ResponseBlock message. Does not implicitly {@link vibecoin.network.v1.ResponseBlock.verify|verify} messages.
                 * @param message ResponseBlock message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: vibecoin.network.v1.ResponseBlock.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a ResponseBlock message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {vibecoin.network.v1.ResponseBlock & vibecoin.network.v1.ResponseBlock.$Shape} ResponseBlock
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): vibecoin.network.v1.ResponseBlock & vibecoin.network.v1.ResponseBlock.$Shape;
            }

            namespace ResponseBlock {

                /** Properties of a ResponseBlock. */
                interface $Properties {

                    /** ResponseBlock block */
                    block?: (vibecoin.network.v1.Block.$Properties|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a ResponseBlock. */
                type $Shape = vibecoin.network.v1.ResponseBlock.$Properties;
            }

            /**
             * Properties of a RequestBlockRange.
             * @deprecated Use vibecoin.network.v1.RequestBlockRange.$Properties instead.
             */
            interface IRequestBlockRange extends vibecoin.network.v1.RequestBlockRange.$Properties {
            }

            /** Represents a RequestBlockRange. */
            class RequestBlockRange {

                /**
                 * Constructs a new RequestBlockRange.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: vibecoin.network.v1.RequestBlockRange.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** RequestBlockRange startHeight. */
                startHeight: (number|Long);

                /** RequestBlockRange endHeight. */
                endHeight: (number|Long);

                /**
                 * Creates a new RequestBlockRange instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns RequestBlockRange instance
                 */
                static create(properties: vibecoin.network.v1.RequestBlockRange.$Shape): vibecoin.network.v1.RequestBlockRange & vibecoin.network.v1.RequestBlockRange.$Shape;
                static create(properties?: vibecoin.network.v1.RequestBlockRange.$Properties): vibecoin.network.v1.RequestBlockRange;

                /**
                 * Encodes the specified RequestBlockRange message. Does not implicitly {@link vibecoin.network.v1.RequestBlockRange.verify|verify} messages.
                 * @param message RequestBlockRange message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: vibecoin.network.v1.RequestBlockRange.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a RequestBlockRange message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {vibecoin.network.v1.RequestBlockRange & vibecoin.network.v1.RequestBlockRange.$Shape} RequestBlockRange
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): vibecoin.network.v1.RequestBlockRange & vibecoin.network.v1.RequestBlockRange.$Shape;
            }

            namespace RequestBlockRange {

                /** Properties of a RequestBlockRange. */
                interface $Properties {

                    /** RequestBlockRange startHeight */
                    startHeight?: (number|Long|null);

                    /** RequestBlockRange endHeight */
                    endHeight?: (number|Long|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a RequestBlockRange. */
                type $Shape = vibecoin.network.v1.RequestBlockRange.$Properties;
            }

            /**
             * Properties of a ResponseBlockRange.
             * @deprecated Use vibecoin.network.v1.ResponseBlockRange.$Properties instead.
             */
            interface IResponseBlockRange extends vibecoin.network.v1.ResponseBlockRange.$Properties {
            }

            /** Represents a ResponseBlockRange. */
            class ResponseBlockRange {

                /**
                 * Constructs a new ResponseBlockRange.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: vibecoin.network.v1.ResponseBlockRange.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** ResponseBlockRange blocks. */
                blocks: vibecoin.network.v1.Block.$Properties[];

                /** ResponseBlockRange last. */
                last: boolean;

                /**
                 * Creates a new ResponseBlockRange instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns ResponseBlockRange instance
                 */
                static create(properties: vibecoin.network.v1.ResponseBlockRange.$Shape): vibecoin.network.v1.ResponseBlockRange & vibecoin.network.v1.ResponseBlockRange.$Shape;
                static create(properties?: vibecoin.network.v1.ResponseBlockRange.$Properties): vibecoin.network.v1.ResponseBlockRange;

                /**
                 * Encodes the specified ResponseBlockRange message. Does not implicitly {@link vibecoin.network.v1.ResponseBlockRange.verify|verify} messages.
                 * @param message ResponseBlockRange message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: vibecoin.network.v1.ResponseBlockRange.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a ResponseBlockRange message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {vibecoin.network.v1.ResponseBlockRange & vibecoin.network.v1.ResponseBlockRange.$Shape} ResponseBlockRange
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): vibecoin.network.v1.ResponseBlockRange & vibecoin.network.v1.ResponseBlockRange.$Shape;
            }

            namespace ResponseBlockRange {

                /** Properties of a ResponseBlockRange. */
                interface $Properties {

                    /** ResponseBlockRange blocks */
                    blocks?: (vibecoin.network.v1.Block.$Properties[]|null);

                    /** ResponseBlockRange last */
                    last?: (boolean|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a ResponseBlockRange. */
                type $Shape = vibecoin.network.v1.ResponseBlockRange.$Properties;
            }

            /**
             * Properties of a Ping.
             * @deprecated Use vibecoin.network.v1.Ping.$Properties instead.
             */
            interface IPing extends vibecoin.network.v1.Ping.$Properties {
            }

            /** Represents a Ping. */
            class Ping {

                /**
                 * Constructs a new Ping.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: vibecoin.network.v1.Ping.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Ping nonce. */
                nonce: (number|Long);

                /** Ping bestHeight. */
                bestHeight: (number|Long);

                /**
                 * Creates a new Ping instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns Ping instance
                 */
                static create(properties: vibecoin.network.v1.Ping.$Shape): vibecoin.network.v1.Ping & vibecoin.network.v1.Ping.$Shape;
                static create(properties?: vibecoin.network.v1.Ping.$Properties): vibecoin.network.v1.Ping;

                /**
                 * Encodes the specified Ping message. Does not implicitly {@link vibecoin.network.v1.Ping.verify|verify} messages.
                 * @param message Ping message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: vibecoin.network.v1.Ping.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Ping message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {vibecoin.network.v1.Ping & vibecoin.network.v1.Ping.$Shape} Ping
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): vibecoin.network.v1.Ping & vibecoin.network.v1.Ping.$Shape;
            }

            namespace Ping {

                /** Properties of a Ping. */
                interface $Properties {

                    /** Ping nonce */
                    nonce?: (number|Long|null);

                    /** Ping bestHeight */
                    bestHeight?: (number|Long|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a Ping. */
                type $Shape = vibecoin.network.v1.Ping.$Properties;
            }

            /**
             * Properties of a Pong.
             * @deprecated Use vibecoin.network.v1.Pong.$Properties instead.
             */
            interface IPong extends vibecoin.network.v1.Pong.$Properties {
            }

            /** Represents a Pong. */
            class Pong {

                /**
                 * Constructs a new Pong.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: vibecoin.network.v1.Pong.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Pong nonce. */
                nonce: (number|Long);

                /** Pong bestHeight. */
                bestHeight: (number|Long);

                /**
                 * Creates a new Pong instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns Pong instance
                 */
                static create(properties: vibecoin.network.v1.Pong.$Shape): vibecoin.network.v1.Pong & vibecoin.network.v1.Pong.$Shape;
                static create(properties?: vibecoin.network.v1.Pong.$Properties): vibecoin.network.v1.Pong;

                /**
                 * Encodes the specified Pong message. Does not implicitly {@link vibecoin.network.v1.Pong.verify|verify} messages.
                 * @param message Pong message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: vibecoin.network.v1.Pong.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Pong message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {vibecoin.network.v1.Pong & vibecoin.network.v1.Pong.$Shape} Pong
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): vibecoin.network.v1.Pong & vibecoin.network.v1.Pong.$Shape;
            }

            namespace Pong {

                /** Properties of a Pong. */
                interface $Properties {

                    /** Pong nonce */
                    nonce?: (number|Long|null);

                    /** Pong bestHeight */
                    bestHeight?: (number|Long|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a Pong. */
                type $Shape = vibecoin.network.v1.Pong.$Properties;
            }

            /**
             * Properties of a Have.
             * @deprecated Use vibecoin.network.v1.Have.$Properties instead.
             */
            interface IHave extends vibecoin.network.v1.Have.$Properties {
            }

            /** Represents a Have. */
            class Have {

                /**
                 * Constructs a new Have.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: vibecoin.network.v1.Have.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Have digests. */
                digests: Uint8Array[];

                /** Have shortDigests. */
                shortDigests: Uint8Array;

                /**
                 * Creates a new Have instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns Have instance
                 */
                static create(properties: vibecoin.network.v1.Have.$Shape): vibecoin.network.v1.Have & vibecoin.network.v1.Have.$Shape;
                static create(properties?: vibecoin.network.v1.Have.$Properties): vibecoin.network.v1.Have;

                /**
                 * Encodes the specified Have message. Does not implicitly {@link vibecoin.network.v1.Have.verify|verify} messages.
                 * @param message Have message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: vibecoin.network.v1.Have.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Have message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {vibecoin.network.v1.Have & vibecoin.network.v1.Have.$Shape} Have
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): vibecoin.network.v1.Have & vibecoin.network.v1.Have.$Shape;
            }

            namespace Have {

                /** Properties of a Have. */
                interface $Properties {

                    /** Have digests */
                    digests?: (Uint8Array[]|null);

                    /** Have shortDigests */
                    shortDigests?: (Uint8Array|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a Have. */
                type $Shape = vibecoin.network.v1.Have.$Properties;
            }

            /**
             * Properties of a Want.
             * @deprecated Use vibecoin.network.v1.Want.$Properties instead.
             */
            interface IWant extends vibecoin.network.v1.Want.$Properties {
            }

            /** Represents a Want. */
            class Want {

                /**
                 * Constructs a new Want.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: vibecoin.network.v1.Want.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Want digests. */
                digests: Uint8Array[];

                /** Want shortDigests. */
                shortDigests: Uint8Array;

                /** Want compact. */
                compact: boolean;

                /**
                 * Creates a new Want instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns Want instance
                 */
                static create(properties: vibecoin.network.v1.Want.$Shape): vibecoin.network.v1.Want & vibecoin.network.v1.Want.$Shape;
                static create(properties?: vibecoin.network.v1.Want.$Properties): vibecoin.network.v1.Want;

                /**
                 * Encodes the specified Want message. Does not implicitly {@link vibecoin.network.v1.Want.verify|verify} messages.
                 * @param message Want message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: vibecoin.network.v1.Want.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Want message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {vibecoin.network.v1.Want & vibecoin.network.v1.Want.$Shape} Want
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): vibecoin.network.v1.Want & vibecoin.network.v1.Want.$Shape;
            }

            namespace Want {

                /** Properties of a Want. */
                interface $Properties {

                    /** Want digests */
                    digests?: (Uint8Array[]|null);

                    /** Want shortDigests */
                    shortDigests?: (Uint8Array|null);

                    /** Want compact */
                    compact?: (boolean|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a Want. */
                type $Shape = vibecoin.network.v1.Want.$Properties;
            }

            /**
             * Properties of a CompactBlock.
             * @deprecated Use vibecoin.network.v1.CompactBlock.$Properties instead.
             */
            interface ICompactBlock extends vibecoin.network.v1.CompactBlock.$Properties {
            }

            /** Represents a CompactBlock. */
            class CompactBlock {

                /**
                 * Constructs a new CompactBlock.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: vibecoin.network.v1.CompactBlock.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** CompactBlock digest. */
                digest: Uint8Array;

                /** CompactBlock before. */
                before: Uint8Array;

                /** CompactBlock after. */
                after: Uint8Array;

                /** CompactBlock nonce. */
                nonce: (number|Long);

                /** CompactBlock shortIds. */
                shortIds: Uint8Array;

                /** CompactBlock prefilled. */
                prefilled: vibecoin.network.v1.Prefilled.$Properties[];

                /**
                 * Creates a new CompactBlock instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns CompactBlock instance
                 */
                static create(properties: vibecoin.network.v1.CompactBlock.$Shape): vibecoin.network.v1.CompactBlock & vibecoin.network.v1.CompactBlock.$Shape;
                static create(properties?: vibecoin.network.v1.CompactBlock.$Properties): vibecoin.network.v1.CompactBlock;

                /**
                 * Encodes the specified CompactBlock message. Does not implicitly {@link vibecoin.network.v1.CompactBlock.verify|verify} messages.
                 * @param message CompactBlock message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: vibecoin.network.v1.CompactBlock.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a CompactBlock message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {vibecoin.network.v1.CompactBlock & vibecoin.network.v1.CompactBlock.$Shape} CompactBlock
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): vibecoin.network.v1.CompactBlock & vibecoin.network.v1.CompactBlock.$Shape;
            }

            namespace CompactBlock {

                /** Properties of a CompactBlock. */
                interface $Properties {

                    /** CompactBlock digest */
                    digest?: (Uint8Array|null);

                    /** CompactBlock before */
                    before?: (Uint8Array|null);

                    /** CompactBlock after */
                    after?: (Uint8Array|null);

                    /** CompactBlock nonce */
                    nonce?: (number|Long|null);

                    /** CompactBlock shortIds */
                    shortIds?: (Uint8Array|null);

                    /** CompactBlock prefilled */
                    prefilled?: (vibecoin.network.v1.Prefilled.$Properties[]|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a CompactBlock. */
                type $Shape = vibecoin.network.v1.CompactBlock.$Properties;
            }

            /**
             * Properties of a Prefilled.
             * @deprecated Use vibecoin.network.v1.Prefilled.$Properties instead.
             */
            interface IPrefilled extends vibecoin.network.v1.Prefilled.$Properties {
            }

            /** Represents a Prefilled. */
            class Prefilled {

                /**
                 * Constructs a new Prefilled.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: vibecoin.network.v1.Prefilled.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Prefilled index. */
                index: number;

                /** Prefilled transaction. */
                transaction: Uint8Array;

                /**
                 * Creates a new Prefilled instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns Prefilled instance
                 */
                static create(properties: vibecoin.network.v1.Prefilled.$Shape): vibecoin.network.v1.Prefilled & vibecoin.network.v1.Prefilled.$Shape;
                static create(properties?: vibecoin.network.v1.Prefilled.$Properties): vibecoin.network.v1.Prefilled;

                /**
                 * Encodes the specified Prefilled message. Does not implicitly {@link vibecoin.network.v1.Prefilled.verify|verify} messages.
                 * @param message Prefilled message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: vibecoin.network.v1.Prefilled.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Prefilled message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {vibecoin.network.v1.Prefilled & vibecoin.network.v1.Prefilled.$Shape} Prefilled
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): vibecoin.network.v1.Prefilled & vibecoin.network.v1.Prefilled.$Shape;
            }

            namespace Prefilled {

                /** Properties of a Prefilled. */
                interface $Properties {

                    /** Prefilled index */
                    index?: (number|null);

                    /** Prefilled transaction */
                    transaction?: (Uint8Array|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a Prefilled. */
                type $Shape = vibecoin.network.v1.Prefilled.$Properties;
            }

            /**
             * Properties of a RequestTransactions.
             * @deprecated Use vibecoin.network.v1.RequestTransactions.$Properties instead.
             */
            interface IRequestTransactions extends vibecoin.network.v1.RequestTransactions.$Properties {
            }

            /** Represents a RequestTransactions. */
            class RequestTransactions {

                /**
                 * Constructs a new RequestTransactions.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: vibecoin.network.v1.RequestTransactions.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** RequestTransactions digest. */
                digest: Uint8Array;

                /** RequestTransactions indexes. */
                indexes: number[];

                /**
                 * Creates a new RequestTransactions instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns RequestTransactions instance
                 */
                static create(properties: vibecoin.network.v1.RequestTransactions.$Shape): vibecoin.network.v1.RequestTransactions & vibecoin.network.v1.RequestTransactions.$Shape;
                static create(properties?: vibecoin.network.v1.RequestTransactions.$Properties): vibecoin.network.v1.RequestTransactions;

                /**
                 * Encodes the specified RequestTransactions message. Does not implicitly {@link vibecoin.network.v1.RequestTransactions.verify|verify} messages.
                 * @param message RequestTransactions message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: vibecoin.network.v1.RequestTransactions.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a RequestTransactions message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {vibecoin.network.v1.RequestTransactions & vibecoin.network.v1.RequestTransactions.$Shape} RequestTransactions
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): vibecoin.network.v1.RequestTransactions & vibecoin.network.v1.RequestTransactions.$Shape;
            }

            namespace RequestTransactions {

                /** Properties of a RequestTransactions. */
                interface $Properties {

                    /** RequestTransactions digest */
                    digest?: (Uint8Array|null);

                    /** RequestTransactions indexes */
                    indexes?: (number[]|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a RequestTransactions. */
                type $Shape = vibecoin.network.v1.RequestTransactions.$Properties;
            }

            /**
             * Properties of a ResponseTransactions.
             * @deprecated Use vibecoin.network.v1.ResponseTransactions.$Properties instead.
             */
            interface IResponseTransactions extends vibecoin.network.v1.ResponseTransactions.$Properties {
            }

            /** Represents a ResponseTransactions. */
            class ResponseTransactions {

                /**
                 * Constructs a new ResponseTransactions.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: vibecoin.network.v1.ResponseTransactions.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** ResponseTransactions transactions. */
                transactions: Uint8Array[];

                /**
                 * Creates a new ResponseTransactions instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns ResponseTransactions instance
                 */
                static create(properties: vibecoin.network.v1.ResponseTransactions.$Shape): vibecoin.network.v1.ResponseTransactions & vibecoin.network.v1.ResponseTransactions.$Shape;
                static create(properties?: vibecoin.network.v1.ResponseTransactions.$Properties): vibecoin.network.v1.ResponseTransactions;

                /**
                 * Encodes the specified ResponseTransactions message. Does not implicitly {@link vibecoin.network.v1.ResponseTransactions.verify|verify} messages.
                 * @param message ResponseTransactions message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: vibecoin.network.v1.ResponseTransactions.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a ResponseTransactions message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {vibecoin.network.v1.ResponseTransactions & vibecoin.network.v1.ResponseTransactions.$Shape} ResponseTransactions
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): vibecoin.network.v1.ResponseTransactions & vibecoin.network.v1.ResponseTransactions.$Shape;
            }

            namespace ResponseTransactions {

                /** Properties of a ResponseTransactions. */
                interface $Properties {

                    /** ResponseTransactions transactions */
                    transactions?: (Uint8Array[]|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a ResponseTransactions. */
                type $Shape = vibecoin.network.v1.ResponseTransactions.$Properties;
            }

            /**
             * Properties of a RequestPeers.
             * @deprecated Use vibecoin.network.v1.RequestPeers.$Properties instead.
             */
            interface IRequestPeers extends vibecoin.network.v1.RequestPeers.$Properties {
            }

            /** Represents a RequestPeers. */
            class RequestPeers {

                /**
                 * Constructs a new RequestPeers.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: vibecoin.network.v1.RequestPeers.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** RequestPeers count. */
                count: number;

                /**
                 * Creates a new RequestPeers instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns RequestPeers instance
                 */
                static create(properties: vibecoin.network.v1.RequestPeers.$Shape): vibecoin.network.v1.RequestPeers & vibecoin.network.v1.RequestPeers.$Shape;
                static create(properties?: vibecoin.network.v1.RequestPeers.$Properties): vibecoin.network.v1.RequestPeers;

                /**
                 * Encodes the specified RequestPeers message. Does not implicitly {@link vibecoin.network.v1.RequestPeers.verify|verify} messages.
                 * @param message RequestPeers message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: vibecoin.network.v1.RequestPeers.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a RequestPeers message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {vibecoin.network.v1.RequestPeers & vibecoin.network.v1.RequestPeers.$Shape} RequestPeers
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): vibecoin.network.v1.RequestPeers & vibecoin.network.v1.RequestPeers.$Shape;
            }

            namespace RequestPeers {

                /** Properties of a RequestPeers. */
                interface $Properties {

                    /** RequestPeers count */
                    count?: (number|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a RequestPeers. */
                type $Shape = vibecoin.network.v1.RequestPeers.$Properties;
            }

            /**
             * Properties of a ResponsePeers.
             * @deprecated Use vibecoin.network.v1.ResponsePeers.$Properties instead.
             */
            interface IResponsePeers extends vibecoin.network.v1.ResponsePeers.$Properties {
            }

            /** Represents a ResponsePeers. */
            class ResponsePeers {

                /**
                 * Constructs a new ResponsePeers.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: vibecoin.network.v1.ResponsePeers.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** ResponsePeers peers. */
                peers: vibecoin.network.v1.PeerAddress.$Properties[];

                /**
                 * Creates a new ResponsePeers instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns ResponsePeers instance
                 */
                static create(properties: vibecoin.network.v1.ResponsePeers.$Shape): vibecoin.network.v1.ResponsePeers & vibecoin.network.v1.ResponsePeers.$Shape;
                static create(properties?: vibecoin.network.v1.ResponsePeers.$Properties): vibecoin.network.v1.ResponsePeers;

                /**
                 * Encodes the specified ResponsePeers message. Does not implicitly {@link vibecoin.network.v1.ResponsePeers.verify|verify} messages.
                 * @param message ResponsePeers message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: vibecoin.network.v1.ResponsePeers.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a ResponsePeers message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {vibecoin.network.v1.ResponsePeers & vibecoin.network.v1.ResponsePeers.$Shape} ResponsePeers
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): vibecoin.network.v1.ResponsePeers & vibecoin.network.v1.ResponsePeers.$Shape;
            }

            namespace ResponsePeers {

                /** Properties of a ResponsePeers. */
                interface $Properties {

                    /** ResponsePeers peers */
                    peers?: (vibecoin.network.v1.PeerAddress.$Properties[]|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a ResponsePeers. */
                type $Shape = vibecoin.network.v1.ResponsePeers.$Properties;
            }

            /**
             * Properties of a PeerAddress.
             * @deprecated Use vibecoin.network.v1.PeerAddress.$Properties instead.
             */
            interface IPeerAddress extends vibecoin.network.v1.PeerAddress.$Properties {
            }

            /** Represents a PeerAddress. */
            class PeerAddress {

                /**
                 * Constructs a new PeerAddress.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: vibecoin.network.v1.PeerAddress.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** PeerAddress record. */
                record: Uint8Array;

                /** PeerAddress ageMinutes. */
                ageMinutes: number;

                /**
                 * Creates a new PeerAddress instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns PeerAddress instance
                 */
                static create(properties: vibecoin.network.v1.PeerAddress.$Shape): vibecoin.network.v1.PeerAddress & vibecoin.network.v1.PeerAddress.$Shape;
                static create(properties?: vibecoin.network.v1.PeerAddress.$Properties): vibecoin.network.v1.PeerAddress;

                /**
                 * Encodes the specified PeerAddress message. Does not implicitly {@link vibecoin.network.v1.PeerAddress.verify|verify} messages.
                 * @param message PeerAddress message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: vibecoin.network.v1.PeerAddress.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a PeerAddress message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {vibecoin.network.v1.PeerAddress & vibecoin.network.v1.PeerAddress.$Shape} PeerAddress
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): vibecoin.network.v1.PeerAddress & vibecoin.network.v1.PeerAddress.$Shape;
            }

            namespace PeerAddress {

                /** Properties of a PeerAddress. */
                interface $Properties {

                    /** PeerAddress record */
                    record?: (Uint8Array|null);

                    /** PeerAddress ageMinutes */
                    ageMinutes?: (number|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a PeerAddress. */
                type $Shape = vibecoin.network.v1.PeerAddress.$Properties;
            }

            /**
             * Properties of a Disconnect.
             * @deprecated Use vibecoin.network.v1.Disconnect.$Properties instead.
             */
            interface IDisconnect extends vibecoin.network.v1.Disconnect.$Properties {
            }

            /** Represents a Disconnect. */
            class Disconnect {

                /**
                 * Constructs a new Disconnect.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: vibecoin.network.v1.Disconnect.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Disconnect reason. */
                reason: vibecoin.network.v1.Disconnect.Reason;

                /** Disconnect detail. */
                detail: string;

                /**
                 * Creates a new Disconnect instance using the specified properties.
                 * @param [properties] Properties to set
                 * @returns Disconnect instance
                 */
                static create(properties: vibecoin.network.v1.Disconnect.$Shape): vibecoin.network.v1.Disconnect & vibecoin.network.v1.Disconnect.$Shape;
                static create(properties?: vibecoin.network.v1.Disconnect.$Properties): vibecoin.network.v1.Disconnect;

                /**
                 * Encodes the specified Disconnect message. Does not implicitly {@link vibecoin.network.v1.Disconnect.verify|verify} messages.
                 * @param message Disconnect message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: vibecoin.network.v1.Disconnect.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Disconnect message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {vibecoin.network.v1.Disconnect & vibecoin.network.v1.Disconnect.$Shape} Disconnect
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): vibecoin.network.v1.Disconnect & vibecoin.network.v1.Disconnect.$Shape;
            }

            namespace Disconnect {

                /** Properties of a Disconnect. */
                interface $Properties {

                    /** Disconnect reason */
                    reason?: (vibecoin.network.v1.Disconnect.Reason|null);

                    /** Disconnect detail */
                    detail?: (string|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a Disconnect. */
                type $Shape = vibecoin.network.v1.Disconnect.$Properties;

                /** Reason enum. */
                enum Reason {

                    /** UNSPECIFIED value */
                    UNSPECIFIED = 0,

                    /** SHUTDOWN value */
                    SHUTDOWN = 1,

                    /** PROTOCOL_VIOLATION value */
                    PROTOCOL_VIOLATION = 2,

                    /** INCOMPATIBLE_VERSION value */
                    INCOMPATIBLE_VERSION = 3,

                    /** TOO_MANY_CONNECTIONS value */
                    TOO_MANY_CONNECTIONS = 4,

                    /** DUPLICATE_CONNECTION value */
                    DUPLICATE_CONNECTION = 5,

                    /** TIMEOUT value */
                    TIMEOUT = 6,

                    /** WRONG_NETWORK value */
                    WRONG_NETWORK = 7,

                    /** BANNED value */
                    BANNED = 8,

                    /** RATE_LIMITED value */
                    RATE_LIMITED = 9,

                    /** TOO_SLOW value */
                    TOO_SLOW = 10,

                    /** WRONG_FORK value */
                    WRONG_FORK = 11
                }
            }
        }
    }
}

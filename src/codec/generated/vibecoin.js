/*eslint-disable block-scoped-var, id-length, no-control-regex, no-magic-numbers, no-mixed-operators, no-prototype-builtins, no-redeclare, no-shadow, no-var, sort-vars, default-case, jsdoc/require-param*/
import $protobuf from "protobufjs/minimal.js";

// Common aliases
const $Reader = $protobuf.Reader, $Writer = $protobuf.Writer, $util = $protobuf.util;
const $Object = $util.global.Object, $undefined = $util.global.undefined, $Error = $util.global.Error, $RangeError = $util.global.RangeError;

// Exported root namespace
const $root = $protobuf.roots["vibecoin"] || ($protobuf.roots["vibecoin"] = {});

export const vibecoin = $root.vibecoin = (() => {

    /**
     * Namespace vibecoin.
     * @exports vibecoin
     * @namespace
     */
    const vibecoin = {};

    vibecoin.network = (function() {

        /**
         * Namespace network.
         * @memberof vibecoin
         * @namespace
         */
        const network = {};

        network.v1 = (function() {

            /**
             * Namespace v1.
             * @memberof vibecoin.network
             * @namespace
             */
            const v1 = {};

            v1.Message = (function() {

                /**
                 * Properties of a Message.
                 * @typedef {Object} vibecoin.network.v1.Message.$Properties
                 * @property {number|Long|null} [requestId] Message requestId
                 * @property {vibecoin.network.v1.Handshake.$Properties|null} [handshake] Message handshake
                 * @property {vibecoin.network.v1.NewBlock.$Properties|null} [newBlock] Message newBlock
                 * @property {vibecoin.network.v1.NewTransaction.$Properties|null} [newTransaction] Message newTransaction
                 * @property {vibecoin.network.v1.RequestBlock.$Properties|null} [requestBlock] Message requestBlock
                 * @property {vibecoin.network.v1.ResponseBlock.$Properties|null} [responseBlock] Message responseBlock
                 * @property {vibecoin.network.v1.RequestBlockRange.$Properties|null} [requestBlockRange] Message requestBlockRange
                 * @property {vibecoin.network.v1.ResponseBlockRange.$Properties|null} [responseBlockRange] Message responseBlockRange
                 * @property {vibecoin.network.v1.Ping.$Properties|null} [ping] Message ping
                 * @property {vibecoin.network.v1.Pong.$Properties|null} [pong] Message pong
                 * @property {vibecoin.network.v1.Disconnect.$Properties|null} [disconnect] Message disconnect
                 * @property {vibecoin.network.v1.Have.$Properties|null} [have] Message have
                 * @property {vibecoin.network.v1.Want.$Properties|null} [want] Message want
                 * @property {vibecoin.network.v1.CompactBlock.$Properties|null} [compactBlock] Message compactBlock
                 * @property {vibecoin.network.v1.RequestTransactions.$Properties|null} [requestTransactions] Message requestTransactions
                 * @property {vibecoin.network.v1.ResponseTransactions.$Properties|null} [responseTransactions] Message responseTransactions
                 * @property {vibecoin.network.v1.RequestPeers.$Properties|null} [requestPeers] Message requestPeers
                 * @property {vibecoin.network.v1.ResponsePeers.$Properties|null} [responsePeers] Message responsePeers
                 * @property {"handshake"|"newBlock"|"newTransaction"|"requestBlock"|"responseBlock"|"requestBlockRange"|"responseBlockRange"|"ping"|"pong"|"disconnect"|"have"|"want"|"compactBlock"|"requestTransactions"|"responseTransactions"|"requestPeers"|"responsePeers"} [body] Message body
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a Message.
                 * @memberof vibecoin.network.v1
                 * @interface IMessage
                 * @augments vibecoin.network.v1.Message.$Properties
                 * @deprecated Use vibecoin.network.v1.Message.$Properties instead.
                 */

                /**
                 * Narrowed shape of a Message.
                 * @typedef {{
                 *   requestId?: number|Long|null;
                 *   handshake?: vibecoin.network.v1.Handshake.$Shape|null;
                 *   newBlock?: vibecoin.network.v1.NewBlock.$Shape|null;
                 *   newTransaction?: vibecoin.network.v1.NewTransaction.$Shape|null;
                 *   requestBlock?: vibecoin.network.v1.RequestBlock.$Shape|null;
                 *   responseBlock?: vibecoin.network.v1.ResponseBlock.$Shape|null;
                 *   requestBlockRange?: vibecoin.network.v1.RequestBlockRange.$Shape|null;
                 *   responseBlockRange?: vibecoin.network.v1.ResponseBlockRange.$Shape|null;
                 *   ping?: vibecoin.network.v1.Ping.$Shape|null;
                 *   pong?: vibecoin.network.v1.Pong.$Shape|null;
                 *   disconnect?: vibecoin.network.v1.Disconnect.$Shape|null;
                 *   have?: vibecoin.network.v1.Have.$Shape|null;
                 *   want?: vibecoin.network.v1.Want.$Shape|null;
                 *   compactBlock?: vibecoin.network.v1.CompactBlock.$Shape|null;
                 *   requestTransactions?: vibecoin.network.v1.RequestTransactions.$Shape|null;
                 *   responseTransactions?: vibecoin.network.v1.ResponseTransactions.$Shape|null;
                 *   requestPeers?: vibecoin.network.v1.RequestPeers.$Shape|null;
                 *   responsePeers?: vibecoin.network.v1.ResponsePeers.$Shape|null;
                 *   $unknowns?: Array.<Uint8Array>;
                 * } & (
                 *   ({ body?: undefined; handshake?: null; newBlock?: null; newTransaction?: null; requestBlock?: null; responseBlock?: null; requestBlockRange?: null; responseBlockRange?: null; ping?: null; pong?: null; disconnect?: null; have?: null; want?: null; compactBlock?: null; requestTransactions?: null; responseTransactions?: null; requestPeers?: null; responsePeers?: null }|{ body?: "handshake"; handshake: vibecoin.network.v1.Handshake.$Shape; newBlock?: null; newTransaction?: null; requestBlock?: null; responseBlock?: null; requestBlockRange?: null; responseBlockRange?: null; ping?: null; pong?: null; disconnect?: null; have?: null; want?: null; compactBlock?: null; requestTransactions?: null; responseTransactions?: null; requestPeers?: null; responsePeers?: null }|{ body?: "newBlock"; handshake?: null; newBlock: vibecoin.network.v1.NewBlock.$Shape; newTransaction?: null; requestBlock?: null; responseBlock?: null; requestBlockRange?: null; responseBlockRange?: null; ping?: null; pong?: null; disconnect?: null; have?: null; want?: null; compactBlock?: null; requestTransactions?: null; responseTransactions?: null; requestPeers?: null; responsePeers?: null }|{ body?: "newTransaction"; handshake?: null; newBlock?: null; newTransaction: vibecoin.network.v1.NewTransaction.$Shape; requestBlock?: null; responseBlock?: null; requestBlockRange?: null; responseBlockRange?: null; ping?: null; pong?: null; disconnect?: null; have?: null; want?: null; compactBlock?: null; requestTransactions?: null; responseTransactions?: null; requestPeers?: null; responsePeers?: null }|{ body?: "requestBlock"; handshake?: null; newBlock?: null; newTransaction?: null; requestBlock: vibecoin.network.v1.RequestBlock.$Shape; responseBlock?: null; requestBlockRange?: null; responseBlockRange?: null; ping?: null; pong?: null; disconnect?: null; have?: null; want?: null; compactBlock?: null; requestTransactions?: null; responseTransactions?: null; requestPeers?: null; responsePeers?: null }|{ body?: "responseBlock"; handshake?: null; newBlock?: null; newTransaction?: null; requestBlock?: null; responseBlock: vibecoin.network.v1.ResponseBlock.$Shape; requestBlockRange?: null; responseBlockRange?: null; ping?: null; pong?: null; disconnect?: null; have?: null; want?: null; compactBlock?: null; requestTransactions?: null; responseTransactions?: null; requestPeers?: null; responsePeers?: null }|{ body?: "requestBlockRange"; handshake?: null; newBlock?: null; newTransaction?: null; requestBlock?: null; responseBlock?: null; requestBlockRange: vibecoin.network.v1.RequestBlockRange.$Shape; responseBlockRange?: null; ping?: null; pong?: null; disconnect?: null; have?: null; want?: null; compactBlock?: null; requestTransactions?: null; responseTransactions?: null; requestPeers?: null; responsePeers?: null }|{ body?: "responseBlockRange"; handshake?: null; newBlock?: null; newTransaction?: null; requestBlock?: null; responseBlock?: null; requestBlockRange?: null; responseBlockRange: vibecoin.network.v1.ResponseBlockRange.$Shape; ping?: null; pong?: null; disconnect?: null; have?: null; want?: null; compactBlock?: null; requestTransactions?: null; responseTransactions?: null; requestPeers?: null; responsePeers?: null }|{ body?: "ping"; handshake?: null; newBlock?: null; newTransaction?: null; requestBlock?: null; responseBlock?: null; requestBlockRange?: null; responseBlockRange?: null; ping: vibecoin.network.v1.Ping.$Shape; pong?: null; disconnect?: null; have?: null; want?: null; compactBlock?: null; requestTransactions?: null; responseTransactions?: null; requestPeers?: null; responsePeers?: null }|{ body?: "pong"; handshake?: null; newBlock?: null; newTransaction?: null; requestBlock?: null; responseBlock?: null; requestBlockRange?: null; responseBlockRange?: null; ping?: null; pong: vibecoin.network.v1.Pong.$Shape; disconnect?: null; have?: null; want?: null; compactBlock?: null; requestTransactions?: null; responseTransactions?: null; requestPeers?: null; responsePeers?: null }|{ body?: "disconnect"; handshake?: null; newBlock?: null; newTransaction?: null; requestBlock?: null; responseBlock?: null; requestBlockRange?: null; responseBlockRange?: null; ping?: null; pong?: null; disconnect: vibecoin.network.v1.Disconnect.$Shape; have?: null; want?: null; compactBlock?: null; requestTransactions?: null; responseTransactions?: null; requestPeers?: null; responsePeers?: null }|{ body?: "have"; handshake?: null; newBlock?: null; newTransaction?: null; requestBlock?: null; responseBlock?: null; requestBlockRange?: null; responseBlockRange?: null; ping?: null; pong?: null; disconnect?: null; have: vibecoin.network.v1.Have.$Shape; want?: null; compactBlock?: null; requestTransactions?: null; responseTransactions?: null; requestPeers?: null; responsePeers?: null }|{ body?: "want"; handshake?: null; newBlock?: null; newTransaction?: null; requestBlock?: null; responseBlock?: null; requestBlockRange?: null; responseBlockRange?: null; ping?: null; pong?: null; disconnect?: null; have?: null; want: vibecoin.network.v1.Want.$Shape; compactBlock?: null; requestTransactions?: null; responseTransactions?: null; requestPeers?: null; responsePeers?: null }|{ body?: "compactBlock"; handshake?: null; newBlock?: null; newTransaction?: null; requestBlock?: null; responseBlock?: null; requestBlockRange?: null; responseBlockRange?: null; ping?: null; pong?: null; disconnect?: null; have?: null; want?: null; compactBlock: vibecoin.network.v1.CompactBlock.$Shape; requestTransactions?: null; responseTransactions?: null; requestPeers?: null; responsePeers?: null }|{ body?: "requestTransactions"; handshake?: null; newBlock?: null; newTransaction?: null; requestBlock?: null; responseBlock?: null; requestBlockRange?: null; responseBlockRange?: null; ping?: null; pong?: null; disconnect?: null; have?: null; want?: null; compactBlock?: null; requestTransactions: vibecoin.network.v1.RequestTransactions.$Shape; responseTransactions?: null; requestPeers?: null; responsePeers?: null }|{ body?: "responseTransactions"; handshake?: null; newBlock?: null; newTransaction?: null; requestBlock?: null; responseBlock?: null; requestBlockRange?: null; responseBlockRange?: null; ping?: null; pong?: null; disconnect?: null; have?: null; want?: null; compactBlock?: null; requestTransactions?: null; responseTransactions: vibecoin.network.v1.ResponseTransactions.$Shape; requestPeers?: null; responsePeers?: null }|{ body?: "requestPeers"; handshake?: null; newBlock?: null; newTransaction?: null; requestBlock?: null; responseBlock?: null; requestBlockRange?: null; responseBlockRange?: null; ping?: null; pong?: null; disconnect?: null; have?: null; want?: null; compactBlock?: null; requestTransactions?: null; responseTransactions?: null; requestPeers: vibecoin.network.v1.RequestPeers.$Shape; responsePeers?: null }|{ body?: "responsePeers"; handshake?: null; newBlock?: null; newTransaction?: null; requestBlock?: null; responseBlock?: null; requestBlockRange?: null; responseBlockRange?: null; ping?: null; pong?: null; disconnect?: null; have?: null; want?: null; compactBlock?: null; requestTransactions?: null; responseTransactions?: null; requestPeers?: null; responsePeers: vibecoin.network.v1.ResponsePeers.$Shape })
                 * )} vibecoin.network.v1.Message.$Shape
                 */

                /**
                 * Constructs a new Message.
                 * @memberof vibecoin.network.v1
                 * @classdesc Represents a Message.
                 * @constructor
                 * @param {vibecoin.network.v1.Message.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const Message = function (properties) {
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * Message requestId.
                 * @member {number|Long} requestId
                 * @memberof vibecoin.network.v1.Message
                 * @instance
                 */
                Message.prototype.requestId = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

                /**
                 * Message handshake.
                 * @member {vibecoin.network.v1.Handshake.$Properties|null|undefined} handshake
                 * @memberof vibecoin.network.v1.Message
                 * @instance
                 */
                Message.prototype.handshake = null;

                /**
                 * Message newBlock.
                 * @member {vibecoin.network.v1.NewBlock.$Properties|null|undefined} newBlock
                 * @memberof vibecoin.network.v1.Message
                 * @instance
                 */
                Message.prototype.newBlock = null;

                /**
                 * Message newTransaction.
                 * @member {vibecoin.network.v1.NewTransaction.$Properties|null|undefined} newTransaction
                 * @memberof vibecoin.network.v1.Message
                 * @instance
                 */
                Message.prototype.newTransaction = null;

                /**
                 * Message requestBlock.
                 * @member {vibecoin.network.v1.RequestBlock.$Properties|null|undefined} requestBlock
                 * @memberof vibecoin.network.v1.Message
                 * @instance
                 */
                Message.prototype.requestBlock = null;

                /**
                 * Message responseBlock.
                 * @member {vibecoin.network.v1.ResponseBlock.$Properties|null|undefined} responseBlock
                 * @memberof vibecoin.network.v1.Message
                 * @instance
                 */
                Message.prototype.responseBlock = null;

                /**
                 * Message requestBlockRange.
                 * @member {vibecoin.network.v1.RequestBlockRange.$Properties|null|undefined} requestBlockRange
                 * @memberof vibecoin.network.v1.Message
                 * @instance
                 */
                Message.prototype.requestBlockRange = null;

                /**
                 * Message responseBlockRange.
                 * @member {vibecoin.network.v1.ResponseBlockRange.$Properties|null|undefined} responseBlockRange
                 * @memberof vibecoin.network.v1.Message
                 * @instance
                 */
                Message.prototype.responseBlockRange = null;

                /**
                 * Message ping.
                 * @member {vibecoin.network.v1.Ping.$Properties|null|undefined} ping
                 * @memberof vibecoin.network.v1.Message
                 * @instance
                 */
                Message.prototype.ping = null;

                /**
                 * Message pong.
                 * @member {vibecoin.network.v1.Pong.$Properties|null|undefined} pong
                 * @memberof vibecoin.network.v1.Message
                 * @instance
                 */
                Message.prototype.pong = null;

                /**
                 * Message disconnect.
                 * @member {vibecoin.network.v1.Disconnect.$Properties|null|undefined} disconnect
                 * @memberof vibecoin.network.v1.Message
                 * @instance
                 */
                Message.prototype.disconnect = null;

                /**
                 * Message have.
                 * @member {vibecoin.network.v1.Have.$Properties|null|undefined} have
                 * @memberof vibecoin.network.v1.Message
                 * @instance
                 */
                Message.prototype.have = null;

                /**
                 * Message want.
                 * @member {vibecoin.network.v1.Want.$Properties|null|undefined} want
                 * @memberof vibecoin.network.v1.Message
                 * @instance
                 */
                Message.prototype.want = null;

                /**
                 * Message compactBlock.
                 * @member {vibecoin.network.v1.CompactBlock.$Properties|null|undefined} compactBlock
                 * @memberof vibecoin.network.v1.Message
                 * @instance
                 */
                Message.prototype.compactBlock = null;

                /**
                 * Message requestTransactions.
                 * @member {vibecoin.network.v1.RequestTransactions.$Properties|null|undefined} requestTransactions
                 * @memberof vibecoin.network.v1.Message
                 * @instance
                 */
                Message.prototype.requestTransactions = null;

                /**
                 * Message responseTransactions.
                 * @member {vibecoin.network.v1.ResponseTransactions.$Properties|null|undefined} responseTransactions
                 * @memberof vibecoin.network.v1.Message
                 * @instance
                 */
                Message.prototype.responseTransactions = null;

                /**
                 * Message requestPeers.
                 * @member {vibecoin.network.v1.RequestPeers.$Properties|null|undefined} requestPeers
                 * @memberof vibecoin.network.v1.Message
                 * @instance
                 */
                Message.prototype.requestPeers = null;

                /**
                 * Message responsePeers.
                 * @member {vibecoin.network.v1.ResponsePeers.$Properties|null|undefined} responsePeers
                 * @memberof vibecoin.network.v1.Message
                 * @instance
                 */
                Message.prototype.responsePeers = null;

                // OneOf field names bound to virtual getters and setters
                let $oneOfFields;

                /**
                 * Message body.
                 * @member {"handshake"|"newBlock"|"newTransaction"|"requestBlock"|"responseBlock"|"requestBlockRange"|"responseBlockRange"|"ping"|"pong"|"disconnect"|"have"|"want"|"compactBlock"|"requestTransactions"|"responseTransactions"|"requestPeers"|"responsePeers"|undefined} body
                 * @memberof vibecoin.network.v1.Message
                 * @instance
                 */
                $Object.defineProperty(Message.prototype, "body", {
                    get: $util.oneOfGetter($oneOfFields = ["handshake", "newBlock", "newTransaction", "requestBlock", "responseBlock", "requestBlockRange", "responseBlockRange", "ping", "pong", "disconnect", "have", "want", "compactBlock", "requestTransactions", "responseTransactions", "requestPeers", "responsePeers"]),
                    set: $util.oneOfSetter($oneOfFields)
                });

                /**
                 * Creates a new Message instance using the specified properties.
                 * @function create
                 * @memberof vibecoin.network.v1.Message
                 * @static
                 * @param {vibecoin.network.v1.Message.$Properties=} [properties] Properties to set
                 * @returns {vibecoin.network.v1.Message} Message instance
                 * @type {{
                 *   (properties: vibecoin.network.v1.Message.$Shape): vibecoin.network.v1.Message & vibecoin.network.v1.Message.$Shape;
                 *   (properties?: vibecoin.network.v1.Message.$Properties): vibecoin.network.v1.Message;
                 * }}
                 */
                Message.create = function(properties) {
                    return new Message(properties);
                };

                /**
                 * Encodes the specified Message message. Does not implicitly {@link vibecoin.network.v1.Message.verify|verify} messages.
                 * @function encode
                 * @memberof vibecoin.network.v1.Message
                 * @static
                 * @param {vibecoin.network.v1.Message.$Properties} message Message message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                Message.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.requestId != null && $Object.hasOwnProperty.call(message, "requestId") && (typeof message.requestId === "object" ? message.requestId.low || message.requestId.high : message.requestId !== 0))
                        writer.uint32(/* id 1, wireType 0 =*/8).uint64(message.requestId);
                    if (message.handshake != null && $Object.hasOwnProperty.call(message, "handshake"))
                        $root.vibecoin.network.v1.Handshake.encode(message.handshake, writer.uint32(/* id 2, wireType 2 =*/18).fork(), _depth + 1).ldelim();
                    if (message.newBlock != null && $Object.hasOwnProperty.call(message, "newBlock"))
                        $root.vibecoin.network.v1.NewBlock.encode(message.newBlock, writer.uint32(/* id 3, wireType 2 =*/26).fork(), _depth + 1).ldelim();
                    if (message.newTransaction != null && $Object.hasOwnProperty.call(message, "newTransaction"))
                        $root.vibecoin.network.v1.NewTransaction.encode(message.newTransaction, writer.uint32(/* id 4, wireType 2 =*/34).fork(), _depth + 1).ldelim();
                    if (message.requestBlock != null && $Object.hasOwnProperty.call(message, "requestBlock"))
                        $root.vibecoin.network.v1.RequestBlock.encode(message.requestBlock, writer.uint32(/* id 5, wireType 2 =*/42).fork(), _depth + 1).ldelim();
                    if (message.responseBlock != null && $Object.hasOwnProperty.call(message, "responseBlock"))
                        $root.vibecoin.network.v1.ResponseBlock.encode(message.responseBlock, writer.uint32(/* id 6, wireType 2 =*/50).fork(), _depth + 1).ldelim();
                    if (message.requestBlockRange != null && $Object.hasOwnProperty.call(message, "requestBlockRange"))
                        $root.vibecoin.network.v1.RequestBlockRange.encode(message.requestBlockRange, writer.uint32(/* id 7, wireType 2 =*/58).fork(), _depth + 1).ldelim();
                    if (message.responseBlockRange != null && $Object.hasOwnProperty.call(message, "responseBlockRange"))
                        $root.vibecoin.network.v1.ResponseBlockRange.encode(message.responseBlockRange, writer.uint32(/* id 8, wireType 2 =*/66).fork(), _depth + 1).ldelim();
                    if (message.ping != null && $Object.hasOwnProperty.call(message, "ping"))
                        $root.vibecoin.network.v1.Ping.encode(message.ping, writer.uint32(/* id 9, wireType 2 =*/74).fork(), _depth + 1).ldelim();
                    if (message.pong != null && $Object.hasOwnProperty.call(message, "pong"))
                        $root.vibecoin.network.v1.Pong.encode(message.pong, writer.uint32(/* id 10, wireType 2 =*/82).fork(), _depth + 1).ldelim();
                    if (message.disconnect != null && $Object.hasOwnProperty.call(message, "disconnect"))
                        $root.vibecoin.network.v1.Disconnect.encode(message.disconnect, writer.uint32(/* id 11, wireType 2 =*/90).fork(), _depth + 1).ldelim();
                    if (message.have != null && $Object.hasOwnProperty.call(message, "have"))
                        $root.vibecoin.network.v1.Have.encode(message.have, writer.uint32(/* id 12, wireType 2 =*/98).fork(), _depth + 1).ldelim();
                    if (message.want != null && $Object.hasOwnProperty.call(message, "want"))
                        $root.vibecoin.network.v1.Want.encode(message.want, writer.uint32(/* id 13, wireType 2 =*/106).fork(), _depth + 1).ldelim();
                    if (message.compactBlock != null && $Object.hasOwnProperty.call(message, "compactBlock"))
                        $root.vibecoin.network.v1.CompactBlock.encode(message.compactBlock, writer.uint32(/* id 14, wireType 2 =*/114).fork(), _depth + 1).ldelim();
                    if (message.requestTransactions != null && $Object.hasOwnProperty.call(message, "requestTransactions"))
                        $root.vibecoin.network.v1.RequestTransactions.encode(message.requestTransactions, writer.uint32(/* id 15, wireType 2 =*/122).fork(), _depth + 1).ldelim();
                    if (message.responseTransactions != null && $Object.hasOwnProperty.call(message, "responseTransactions"))
                        $root.vibecoin.network.v1.ResponseTransactions.encode(message.responseTransactions, writer.uint32(/* id 16, wireType 2 =*/130).fork(), _depth + 1).ldelim();
                    if (message.requestPeers != null && $Object.hasOwnProperty.call(message, "requestPeers"))
                        $root.vibecoin.network.v1.RequestPeers.encode(message.requestPeers, writer.uint32(/* id 17, wireType 2 =*/138).fork(), _depth + 1).ldelim();
                    if (message.responsePeers != null && $Object.hasOwnProperty.call(message, "responsePeers"))
                        $root.vibecoin.network.v1.ResponsePeers.encode(message.responsePeers, writer.uint32(/* id 18, wireType 2 =*/146).fork(), _depth + 1).ldelim();
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a Message message from the specified reader or buffer.
                 * @function decode
                 * @memberof vibecoin.network.v1.Message
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {vibecoin.network.v1.Message & vibecoin.network.v1.Message.$Shape} Message
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                Message.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.vibecoin.network.v1.Message();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                    message.requestId = value;
                                else
                                    delete message.requestId;
                                continue;
                            }
                        case 2: {
                                if (wireType !== 2)
                                    break;
                                message.handshake = $root.vibecoin.network.v1.Handshake.decode(reader, reader.size(), $undefined, _depth + 1, message.handshake);
                                message.body = "handshake";
                                continue;
                            }
                        case 3: {
                                if (wireType !== 2)
                                    break;
                                message.newBlock = $root.vibecoin.network.v1.NewBlock.decode(reader, reader.size(), $undefined, _depth + 1, message.newBlock);
                                message.body = "newBlock";
                                continue;
                            }
                        case 4: {
                                if (wireType !== 2)
                                    break;
                                message.newTransaction = $root.vibecoin.network.v1.NewTransaction.decode(reader, reader.size(), $undefined, _depth + 1, message.newTransaction);
                                message.body = "newTransaction";
                                continue;
                            }
                        case 5: {
                                if (wireType !== 2)
                                    break;
                                message.requestBlock = $root.vibecoin.network.v1.RequestBlock.decode(reader, reader.size(), $undefined, _depth + 1, message.requestBlock);
                                message.body = "requestBlock";
                                continue;
                            }
                        case 6: {
                                if (wireType !== 2)
                                    break;
                                message.responseBlock = $root.vibecoin.network.v1.ResponseBlock.decode(reader, reader.size(), $undefined, _depth + 1, message.responseBlock);
                                message.body = "responseBlock";
                                continue;
                            }
                        case 7: {
                                if (wireType !== 2)
                                    break;
                                message.requestBlockRange = $root.vibecoin.network.v1.RequestBlockRange.decode(reader, reader.size(), $undefined, _depth + 1, message.requestBlockRange);
                                message.body = "requestBlockRange";
                                continue;
                            }
                        case 8: {
                                if (wireType !== 2)
                                    break;
                                message.responseBlockRange = $root.vibecoin.network.v1.ResponseBlockRange.decode(reader, reader.size(), $undefined, _depth + 1, message.responseBlockRange);
                                message.body = "responseBlockRange";
                                continue;
                            }
                        case 9: {
                                if (wireType !== 2)
                                    break;
                                message.ping = $root.vibecoin.network.v1.Ping.decode(reader, reader.size(), $undefined, _depth + 1, message.ping);
                                message.body = "ping";
                                continue;
                            }
                        case 10: {
                                if (wireType !== 2)
                                    break;
                                message.pong = $root.vibecoin.network.v1.Pong.decode(reader, reader.size(), $undefined, _depth + 1, message.pong);
                                message.body = "pong";
                                continue;
                            }
                        case 11: {
                                if (wireType !== 2)
                                    break;
                                message.disconnect = $root.vibecoin.network.v1.Disconnect.decode(reader, reader.size(), $undefined, _depth + 1, message.disconnect);
                                message.body = "disconnect";
                                continue;
                            }
                        case 12: {
                                if (wireType !== 2)
                                    break;
                                message.have = $root.vibecoin.network.v1.Have.decode(reader, reader.size(), $undefined, _depth + 1, message.have);
                                message.body = "have";
                                continue;
                            }
                        case 13: {
                                if (wireType !== 2)
                                    break;
                                message.want = $root.vibecoin.network.v1.Want.decode(reader, reader.size(), $undefined, _depth + 1, message.want);
                                message.body = "want";
                                continue;
                            }
                        case 14: {
                                if (wireType !== 2)
                                    break;
                                message.compactBlock = $root.vibecoin.network.v1.CompactBlock.decode(reader, reader.size(), $undefined, _depth + 1, message.compactBlock);
                                message.body = "compactBlock";
                                continue;
                            }
                        case 15: {
                                if (wireType !== 2)
                                    break;
                                message.requestTransactions = $root.vibecoin.network.v1.RequestTransactions.decode(reader, reader.size(), $undefined, _depth + 1, message.requestTransactions);
                                message.body = "requestTransactions";
                                continue;
                            }
                        case 16: {
                                if (wireType !== 2)
                                    break;
                                message.responseTransactions = $root.vibecoin.network.v1.ResponseTransactions.decode(reader, reader.size(), $undefined, _depth + 1, message.responseTransactions);
                                message.body = "responseTransactions";
                                continue;
                            }
                        case 17: {
                                if (wireType !== 2)
                                    break;
                                message.requestPeers = $root.vibecoin.network.v1.RequestPeers.decode(reader, reader.size(), $undefined, _depth + 1, message.requestPeers);
                                message.body = "requestPeers";
                                continue;
                            }
                        case 18: {
                                if (wireType !== 2)
                                    break;
                                message.responsePeers = $root.vibecoin.network.v1.ResponsePeers.decode(reader, reader.size(), $undefined, _depth + 1, message.responsePeers);
                                message.body = "responsePeers";
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return Message;
            })();

            v1.NodeInfo = (function() {

                /**
                 * Properties of a NodeInfo.
                 * @typedef {Object} vibecoin.network.v1.NodeInfo.$Properties
                 * @property {number|null} [protocolVersion] NodeInfo protocolVersion
                 * @property {string|null} [network] NodeInfo network
                 * @property {Uint8Array|null} [genesisHash] NodeInfo genesisHash
                 * @property {string|null} [nodeId] NodeInfo nodeId
                 * @property {string|null} [userAgent] NodeInfo userAgent
                 * @property {Array.<Uint8Array>|null} [listenAddrs] NodeInfo listenAddrs
                 * @property {number|Long|null} [bestHeight] NodeInfo bestHeight
                 * @property {Uint8Array|null} [bestHash] NodeInfo bestHash
                 * @property {number|null} [minProtocolVersion] NodeInfo minProtocolVersion
                 * @property {number|Long|null} [features] NodeInfo features
                 * @property {number|Long|null} [lowestHeight] NodeInfo lowestHeight
                 * @property {vibecoin.network.v1.ForkId.$Properties|null} [forkId] NodeInfo forkId
                 * @property {boolean|null} [blockOnly] NodeInfo blockOnly
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a NodeInfo.
                 * @memberof vibecoin.network.v1
                 * @interface INodeInfo
                 * @augments vibecoin.network.v1.NodeInfo.$Properties
                 * @deprecated Use vibecoin.network.v1.NodeInfo.$Properties instead.
                 */

                /**
                 * Shape of a NodeInfo.
                 * @typedef {vibecoin.network.v1.NodeInfo.$Properties} vibecoin.network.v1.NodeInfo.$Shape
                 */

                /**
                 * Constructs a new NodeInfo.
                 * @memberof vibecoin.network.v1
                 * @classdesc Represents a NodeInfo.
                 * @constructor
                 * @param {vibecoin.network.v1.NodeInfo.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const NodeInfo = function (properties) {
                    this.listenAddrs = [];
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * NodeInfo protocolVersion.
                 * @member {number} protocolVersion
                 * @memberof vibecoin.network.v1.NodeInfo
                 * @instance
                 */
                NodeInfo.prototype.protocolVersion = 0;

                /**
                 * NodeInfo network.
                 * @member {string} network
                 * @memberof vibecoin.network.v1.NodeInfo
                 * @instance
                 */
                NodeInfo.prototype.network = "";

                /**
                 * NodeInfo genesisHash.
                 * @member {Uint8Array} genesisHash
                 * @memberof vibecoin.network.v1.NodeInfo
                 * @instance
                 */
                NodeInfo.prototype.genesisHash = $util.newBuffer([]);

                /**
                 * NodeInfo nodeId.
                 * @member {string} nodeId
                 * @memberof vibecoin.network.v1.NodeInfo
                 * @instance
                 */
                NodeInfo.prototype.nodeId = "";

                /**
                 * NodeInfo userAgent.
                 * @member {string} userAgent
                 * @memberof vibecoin.network.v1.NodeInfo
                 * @instance
                 */
                NodeInfo.prototype.userAgent = "";

                /**
                 * NodeInfo listenAddrs.
                 * @member {Array.<Uint8Array>} listenAddrs
                 * @memberof vibecoin.network.v1.NodeInfo
                 * @instance
                 */
                NodeInfo.prototype.listenAddrs = $util.emptyArray;

                /**
                 * NodeInfo bestHeight.
                 * @member {number|Long} bestHeight
                 * @memberof vibecoin.network.v1.NodeInfo
                 * @instance
                 */
                NodeInfo.prototype.bestHeight = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

                /**
                 * NodeInfo bestHash.
                 * @member {Uint8Array} bestHash
                 * @memberof vibecoin.network.v1.NodeInfo
                 * @instance
                 */
                NodeInfo.prototype.bestHash = $util.newBuffer([]);

                /**
                 * NodeInfo minProtocolVersion.
                 * @member {number} minProtocolVersion
                 * @memberof vibecoin.network.v1.NodeInfo
                 * @instance
                 */
                NodeInfo.prototype.minProtocolVersion = 0;

                /**
                 * NodeInfo features.
                 * @member {number|Long} features
                 * @memberof vibecoin.network.v1.NodeInfo
                 * @instance
                 */
                NodeInfo.prototype.features = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

                /**
                 * NodeInfo lowestHeight.
                 * @member {number|Long} lowestHeight
                 * @memberof vibecoin.network.v1.NodeInfo
                 * @instance
                 */
                NodeInfo.prototype.lowestHeight = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

                /**
                 * NodeInfo forkId.
                 * @member {vibecoin.network.v1.ForkId.$Properties|null|undefined} forkId
                 * @memberof vibecoin.network.v1.NodeInfo
                 * @instance
                 */
                NodeInfo.prototype.forkId = null;

                /**
                 * NodeInfo blockOnly.
                 * @member {boolean} blockOnly
                 * @memberof vibecoin.network.v1.NodeInfo
                 * @instance
                 */
                NodeInfo.prototype.blockOnly = false;

                /**
                 * Creates a new NodeInfo instance using the specified properties.
                 * @function create
                 * @memberof vibecoin.network.v1.NodeInfo
                 * @static
                 * @param {vibecoin.network.v1.NodeInfo.$Properties=} [properties] Properties to set
                 * @returns {vibecoin.network.v1.NodeInfo} NodeInfo instance
                 * @type {{
                 *   (properties: vibecoin.network.v1.NodeInfo.$Shape): vibecoin.network.v1.NodeInfo & vibecoin.network.v1.NodeInfo.$Shape;
                 *   (properties?: vibecoin.network.v1.NodeInfo.$Properties): vibecoin.network.v1.NodeInfo;
                 * }}
                 */
                NodeInfo.create = function(properties) {
                    return new NodeInfo(properties);
                };

                /**
                 * Encodes the specified NodeInfo message. Does not implicitly {@link vibecoin.network.v1.NodeInfo.verify|verify} messages.
                 * @function encode
                 * @memberof vibecoin.network.v1.NodeInfo
                 * @static
                 * @param {vibecoin.network.v1.NodeInfo.$Properties} message NodeInfo message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                NodeInfo.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.protocolVersion != null && $Object.hasOwnProperty.call(message, "protocolVersion") && message.protocolVersion !== 0)
                        writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.protocolVersion);
                    if (message.network != null && $Object.hasOwnProperty.call(message, "network") && message.network !== "")
                        writer.uint32(/* id 2, wireType 2 =*/18).string(message.network);
                    if (message.genesisHash != null && $Object.hasOwnProperty.call(message, "genesisHash") && message.genesisHash.length)
                        writer.uint32(/* id 3, wireType 2 =*/26).bytes(message.genesisHash);
                    if (message.nodeId != null && $Object.hasOwnProperty.call(message, "nodeId") && message.nodeId !== "")
                        writer.uint32(/* id 4, wireType 2 =*/34).string(message.nodeId);
                    if (message.userAgent != null && $Object.hasOwnProperty.call(message, "userAgent") && message.userAgent !== "")
                        writer.uint32(/* id 5, wireType 2 =*/42).string(message.userAgent);
                    if (message.listenAddrs != null && message.listenAddrs.length)
                        for (let i = 0; i < message.listenAddrs.length; ++i)
                            writer.uint32(/* id 6, wireType 2 =*/50).bytes(message.listenAddrs[i]);
                    if (message.bestHeight != null && $Object.hasOwnProperty.call(message, "bestHeight") && (typeof message.bestHeight === "object" ? message.bestHeight.low || message.bestHeight.high : message.bestHeight !== 0))
                        writer.uint32(/* id 7, wireType 0 =*/56).uint64(message.bestHeight);
                    if (message.bestHash != null && $Object.hasOwnProperty.call(message, "bestHash") && message.bestHash.length)
                        writer.uint32(/* id 8, wireType 2 =*/66).bytes(message.bestHash);
                    if (message.minProtocolVersion != null && $Object.hasOwnProperty.call(message, "minProtocolVersion") && message.minProtocolVersion !== 0)
                        writer.uint32(/* id 9, wireType 0 =*/72).uint32(message.minProtocolVersion);
                    if (message.features != null && $Object.hasOwnProperty.call(message, "features") && (typeof message.features === "object" ? message.features.low || message.features.high : message.features !== 0))
                        writer.uint32(/* id 10, wireType 0 =*/80).uint64(message.features);
                    if (message.lowestHeight != null && $Object.hasOwnProperty.call(message, "lowestHeight") && (typeof message.lowestHeight === "object" ? message.lowestHeight.low || message.lowestHeight.high : message.lowestHeight !== 0))
                        writer.uint32(/* id 11, wireType 0 =*/88).uint64(message.lowestHeight);
                    if (message.forkId != null && $Object.hasOwnProperty.call(message, "forkId"))
                        $root.vibecoin.network.v1.ForkId.encode(message.forkId, writer.uint32(/* id 12, wireType 2 =*/98).fork(), _depth + 1).ldelim();
                    if (message.blockOnly != null && $Object.hasOwnProperty.call(message, "blockOnly") && message.blockOnly !== false)
                        writer.uint32(/* id 13, wireType 0 =*/104).bool(message.blockOnly);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a NodeInfo message from the specified reader or buffer.
                 * @function decode
                 * @memberof vibecoin.network.v1.NodeInfo
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {vibecoin.network.v1.NodeInfo & vibecoin.network.v1.NodeInfo.$Shape} NodeInfo
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                NodeInfo.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.vibecoin.network.v1.NodeInfo();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.uint32())
                                    message.protocolVersion = value;
                                else
                                    delete message.protocolVersion;
                                continue;
                            }
                        case 2: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.stringVerify()).length)
                                    message.network = value;
                                else
                                    delete message.network;
                                continue;
                            }
                        case 3: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.bytes()).length)
                                    message.genesisHash = value;
                                else
                                    delete message.genesisHash;
                                continue;
                            }
                        case 4: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.stringVerify()).length)
                                    message.nodeId = value;
                                else
                                    delete message.nodeId;
                                continue;
                            }
                        case 5: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.stringVerify()).length)
                                    message.userAgent = value;
                                else
                                    delete message.userAgent;
                                continue;
                            }
                        case 6: {
                                if (wireType !== 2)
                                    break;
                                if (!(message.listenAddrs && message.listenAddrs.length))
                                    message.listenAddrs = [];
                                message.listenAddrs.push(reader.bytes());
                                continue;
                            }
                        case 7: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                    message.bestHeight = value;
                                else
                                    delete message.bestHeight;
                                continue;
                            }
                        case 8: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.bytes()).length)
                                    message.bestHash = value;
                                else
                                    delete message.bestHash;
                                continue;
                            }
                        case 9: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.uint32())
                                    message.minProtocolVersion = value;
                                else
                                    delete message.minProtocolVersion;
                                continue;
                            }
                        case 10: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                    message.features = value;
                                else
                                    delete message.features;
                                continue;
                            }
                        case 11: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                    message.lowestHeight = value;
                                else
                                    delete message.lowestHeight;
                                continue;
                            }
                        case 12: {
                                if (wireType !== 2)
                                    break;
                                message.forkId = $root.vibecoin.network.v1.ForkId.decode(reader, reader.size(), $undefined, _depth + 1, message.forkId);
                                continue;
                            }
                        case 13: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.bool())
                                    message.blockOnly = value;
                                else
                                    delete message.blockOnly;
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return NodeInfo;
            })();

            v1.ForkId = (function() {

                /**
                 * Properties of a ForkId.
                 * @typedef {Object} vibecoin.network.v1.ForkId.$Properties
                 * @property {number|null} [hash] ForkId hash
                 * @property {number|Long|null} [next] ForkId next
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a ForkId.
                 * @memberof vibecoin.network.v1
                 * @interface IForkId
                 * @augments vibecoin.network.v1.ForkId.$Properties
                 * @deprecated Use vibecoin.network.v1.ForkId.$Properties instead.
                 */

                /**
                 * Shape of a ForkId.
                 * @typedef {vibecoin.network.v1.ForkId.$Properties} vibecoin.network.v1.ForkId.$Shape
                 */

                /**
                 * Constructs a new ForkId.
                 * @memberof vibecoin.network.v1
                 * @classdesc Represents a ForkId.
                 * @constructor
                 * @param {vibecoin.network.v1.ForkId.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const ForkId = function (properties) {
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * ForkId hash.
                 * @member {number} hash
                 * @memberof vibecoin.network.v1.ForkId
                 * @instance
                 */
                ForkId.prototype.hash = 0;

                /**
                 * ForkId next.
                 * @member {number|Long} next
                 * @memberof vibecoin.network.v1.ForkId
                 * @instance
                 */
                ForkId.prototype.next = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

                /**
                 * Creates a new ForkId instance using the specified properties.
                 * @function create
                 * @memberof vibecoin.network.v1.ForkId
                 * @static
                 * @param {vibecoin.network.v1.ForkId.$Properties=} [properties] Properties to set
                 * @returns {vibecoin.network.v1.ForkId} ForkId instance
                 * @type {{
                 *   (properties: vibecoin.network.v1.ForkId.$Shape): vibecoin.network.v1.ForkId & vibecoin.network.v1.ForkId.$Shape;
                 *   (properties?: vibecoin.network.v1.ForkId.$Properties): vibecoin.network.v1.ForkId;
                 * }}
                 */
                ForkId.create = function(properties) {
                    return new ForkId(properties);
                };

                /**
                 * Encodes the specified ForkId message. Does not implicitly {@link vibecoin.network.v1.ForkId.verify|verify} messages.
                 * @function encode
                 * @memberof vibecoin.network.v1.ForkId
                 * @static
                 * @param {vibecoin.network.v1.ForkId.$Properties} message ForkId message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                ForkId.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.hash != null && $Object.hasOwnProperty.call(message, "hash") && message.hash !== 0)
                        writer.uint32(/* id 1, wireType 5 =*/13).fixed32(message.hash);
                    if (message.next != null && $Object.hasOwnProperty.call(message, "next") && (typeof message.next === "object" ? message.next.low || message.next.high : message.next !== 0))
                        writer.uint32(/* id 2, wireType 0 =*/16).uint64(message.next);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a ForkId message from the specified reader or buffer.
                 * @function decode
                 * @memberof vibecoin.network.v1.ForkId
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {vibecoin.network.v1.ForkId & vibecoin.network.v1.ForkId.$Shape} ForkId
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                ForkId.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.vibecoin.network.v1.ForkId();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 5)
                                    break;
                                if (value = reader.fixed32())
                                    message.hash = value;
                                else
                                    delete message.hash;
                                continue;
                            }
                        case 2: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                    message.next = value;
                                else
                                    delete message.next;
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return ForkId;
            })();

            v1.Transaction = (function() {

                /**
                 * Properties of a Transaction.
                 * @typedef {Object} vibecoin.network.v1.Transaction.$Properties
                 * @property {Uint8Array|null} [id] Transaction id
                 * @property {Uint8Array|null} [sender] Transaction sender
                 * @property {Uint8Array|null} [recipient] Transaction recipient
                 * @property {number|Long|null} [value] Transaction value
                 * @property {number|Long|null} [nonce] Transaction nonce
                 * @property {number|Long|null} [gasPrice] Transaction gasPrice
                 * @property {number|Long|null} [gasLimit] Transaction gasLimit
                 * @property {Uint8Array|null} [data] Transaction data
                 * @property {Uint8Array|null} [signature] Transaction signature
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a Transaction.
                 * @memberof vibecoin.network.v1
                 * @interface ITransaction
                 * @augments vibecoin.network.v1.Transaction.$Properties
                 * @deprecated Use vibecoin.network.v1.Transaction.$Properties instead.
                 */

                /**
                 * Shape of a Transaction.
                 * @typedef {vibecoin.network.v1.Transaction.$Properties} vibecoin.network.v1.Transaction.$Shape
                 */

                /**
                 * Constructs a new Transaction.
                 * @memberof vibecoin.network.v1
                 * @classdesc Represents a Transaction.
                 * @constructor
                 * @param {vibecoin.network.v1.Transaction.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const Transaction = function (properties) {
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * Transaction id.
                 * @member {Uint8Array} id
                 * @memberof vibecoin.network.v1.Transaction
                 * @instance
                 */
                Transaction.prototype.id = $util.newBuffer([]);

                /**
                 * Transaction sender.
                 * @member {Uint8Array} sender
                 * @memberof vibecoin.network.v1.Transaction
                 * @instance
                 */
                Transaction.prototype.sender = $util.newBuffer([]);

                /**
                 * Transaction recipient.
                 * @member {Uint8Array} recipient
                 * @memberof vibecoin.network.v1.Transaction
                 * @instance
                 */
                Transaction.prototype.recipient = $util.newBuffer([]);

                /**
                 * Transaction value.
                 * @member {number|Long} value
                 * @memberof vibecoin.network.v1.Transaction
                 * @instance
                 */
                Transaction.prototype.value = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

                /**
                 * Transaction nonce.
                 * @member {number|Long} nonce
                 * @memberof vibecoin.network.v1.Transaction
                 * @instance
                 */
                Transaction.prototype.nonce = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

                /**
                 * Transaction gasPrice.
                 * @member {number|Long} gasPrice
                 * @memberof vibecoin.network.v1.Transaction
                 * @instance
                 */
                Transaction.prototype.gasPrice = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

                /**
                 * Transaction gasLimit.
                 * @member {number|Long} gasLimit
                 * @memberof vibecoin.network.v1.Transaction
                 * @instance
                 */
                Transaction.prototype.gasLimit = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

                /**
                 * Transaction data.
                 * @member {Uint8Array} data
                 * @memberof vibecoin.network.v1.Transaction
                 * @instance
                 */
                Transaction.prototype.data = $util.newBuffer([]);

                /**
                 * Transaction signature.
                 * @member {Uint8Array} signature
                 * @memberof vibecoin.network.v1.Transaction
                 * @instance
                 */
                Transaction.prototype.signature = $util.newBuffer([]);

                /**
                 * Creates a new Transaction instance using the specified properties.
                 * @function create
                 * @memberof vibecoin.network.v1.Transaction
                 * @static
                 * @param {vibecoin.network.v1.Transaction.$Properties=} [properties] Properties to set
                 * @returns {vibecoin.network.v1.Transaction} Transaction instance
                 * @type {{
                 *   (properties: vibecoin.network.v1.Transaction.$Shape): vibecoin.network.v1.Transaction & vibecoin.network.v1.Transaction.$Shape;
                 *   (properties?: vibecoin.network.v1.Transaction.$Properties): vibecoin.network.v1.Transaction;
                 * }}
                 */
                Transaction.create = function(properties) {
                    return new Transaction(properties);
                };

                /**
                 * Encodes the specified Transaction message. Does not implicitly {@link vibecoin.network.v1.Transaction.verify|verify} messages.
                 * @function encode
                 * @memberof vibecoin.network.v1.Transaction
                 * @static
                 * @param {vibecoin.network.v1.Transaction.$Properties} message Transaction message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                Transaction.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.id != null && $Object.hasOwnProperty.call(message, "id") && message.id.length)
                        writer.uint32(/* id 1, wireType 2 =*/10).bytes(message.id);
                    if (message.sender != null && $Object.hasOwnProperty.call(message, "sender") && message.sender.length)
                        writer.uint32(/* id 2, wireType 2 =*/18).bytes(message.sender);
                    if (message.recipient != null && $Object.hasOwnProperty.call(message, "recipient") && message.recipient.length)
                        writer.uint32(/* id 3, wireType 2 =*/26).bytes(message.recipient);
                    if (message.value != null && $Object.hasOwnProperty.call(message, "value") && (typeof message.value === "object" ? message.value.low || message.value.high : message.value !== 0))
                        writer.uint32(/* id 4, wireType 0 =*/32).uint64(message.value);
                    if (message.nonce != null && $Object.hasOwnProperty.call(message, "nonce") && (typeof message.nonce === "object" ? message.nonce.low || message.nonce.high : message.nonce !== 0))
                        writer.uint32(/* id 5, wireType 0 =*/40).uint64(message.nonce);
                    if (message.gasPrice != null && $Object.hasOwnProperty.call(message, "gasPrice") && (typeof message.gasPrice === "object" ? message.gasPrice.low || message.gasPrice.high : message.gasPrice !== 0))
                        writer.uint32(/* id 6, wireType 0 =*/48).uint64(message.gasPrice);
                    if (message.gasLimit != null && $Object.hasOwnProperty.call(message, "gasLimit") && (typeof message.gasLimit === "object" ? message.gasLimit.low || message.gasLimit.high : message.gasLimit !== 0))
                        writer.uint32(/* id 7, wireType 0 =*/56).uint64(message.gasLimit);
                    if (message.data != null && $Object.hasOwnProperty.call(message, "data") && message.data.length)
                        writer.uint32(/* id 8, wireType 2 =*/66).bytes(message.data);
                    if (message.signature != null && $Object.hasOwnProperty.call(message, "signature") && message.signature.length)
                        writer.uint32(/* id 9, wireType 2 =*/74).bytes(message.signature);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a Transaction message from the specified reader or buffer.
                 * @function decode
                 * @memberof vibecoin.network.v1.Transaction
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {vibecoin.network.v1.Transaction & vibecoin.network.v1.Transaction.$Shape} Transaction
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                Transaction.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.vibecoin.network.v1.Transaction();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.bytes()).length)
                                    message.id = value;
                                else
                                    delete message.id;
                                continue;
                            }
                        case 2: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.bytes()).length)
                                    message.sender = value;
                                else
                                    delete message.sender;
                                continue;
                            }
                        case 3: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.bytes()).length)
                                    message.recipient = value;
                                else
                                    delete message.recipient;
                                continue;
                            }
                        case 4: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                    message.value = value;
                                else
                                    delete message.value;
                                continue;
                            }
                        case 5: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                    message.nonce = value;
                                else
                                    delete message.nonce;
                                continue;
                            }
                        case 6: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                    message.gasPrice = value;
                                else
                                    delete message.gasPrice;
                                continue;
                            }
                        case 7: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                    message.gasLimit = value;
                                else
                                    delete message.gasLimit;
                                continue;
                            }
                        case 8: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.bytes()).length)
                                    message.data = value;
                                else
                                    delete message.data;
                                continue;
                            }
                        case 9: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.bytes()).length)
                                    message.signature = value;
                                else
                                    delete message.signature;
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return Transaction;
            })();

            v1.Block = (function() {

                /**
                 * Properties of a Block.
                 * @typedef {Object} vibecoin.network.v1.Block.$Properties
                 * @property {number|Long|null} [height] Block height
                 * @property {Uint8Array|null} [hash] Block hash
                 * @property {Uint8Array|null} [prevHash] Block prevHash
                 * @property {number|Long|null} [timestamp] Block timestamp
                 * @property {Uint8Array|null} [stateRoot] Block stateRoot
                 * @property {Array.<vibecoin.network.v1.Transaction.$Properties>|null} [transactions] Block transactions
                 * @property {Uint8Array|null} [proof] Block proof
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a Block.
                 * @memberof vibecoin.network.v1
                 * @interface IBlock
                 * @augments vibecoin.network.v1.Block.$Properties
                 * @deprecated Use vibecoin.network.v1.Block.$Properties instead.
                 */

                /**
                 * Shape of a Block.
                 * @typedef {vibecoin.network.v1.Block.$Properties} vibecoin.network.v1.Block.$Shape
                 */

                /**
                 * Constructs a new Block.
                 * @memberof vibecoin.network.v1
                 * @classdesc Represents a Block.
                 * @constructor
                 * @param {vibecoin.network.v1.Block.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const Block = function (properties) {
                    this.transactions = [];
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * Block height.
                 * @member {number|Long} height
                 * @memberof vibecoin.network.v1.Block
                 * @instance
                 */
                Block.prototype.height = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

                /**
                 * Block hash.
                 * @member {Uint8Array} hash
                 * @memberof vibecoin.network.v1.Block
                 * @instance
                 */
                Block.prototype.hash = $util.newBuffer([]);

                /**
                 * Block prevHash.
                 * @member {Uint8Array} prevHash
                 * @memberof vibecoin.network.v1.Block
                 * @instance
                 */
                Block.prototype.prevHash = $util.newBuffer([]);

                /**
                 * Block timestamp.
                 * @member {number|Long} timestamp
                 * @memberof vibecoin.network.v1.Block
                 * @instance
                 */
                Block.prototype.timestamp = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

                /**
                 * Block stateRoot.
                 * @member {Uint8Array} stateRoot
                 * @memberof vibecoin.network.v1.Block
                 * @instance
                 */
                Block.prototype.stateRoot = $util.newBuffer([]);

                /**
                 * Block transactions.
                 * @member {Array.<vibecoin.network.v1.Transaction.$Properties>} transactions
                 * @memberof vibecoin.network.v1.Block
                 * @instance
                 */
                Block.prototype.transactions = $util.emptyArray;

                /**
                 * Block proof.
                 * @member {Uint8Array} proof
                 * @memberof vibecoin.network.v1.Block
                 * @instance
                 */
                Block.prototype.proof = $util.newBuffer([]);

                /**
                 * Creates a new Block instance using the specified properties.
                 * @function create
                 * @memberof vibecoin.network.v1.Block
                 * @static
                 * @param {vibecoin.network.v1.Block.$Properties=} [properties] Properties to set
                 * @returns {vibecoin.network.v1.Block} Block instance
                 * @type {{
                 *   (properties: vibecoin.network.v1.Block.$Shape): vibecoin.network.v1.Block & vibecoin.network.v1.Block.$Shape;
                 *   (properties?: vibecoin.network.v1.Block.$Properties): vibecoin.network.v1.Block;
                 * }}
                 */
                Block.create = function(properties) {
                    return new Block(properties);
                };

                /**
                 * Encodes the specified Block message. Does not implicitly {@link vibecoin.network.v1.Block.verify|verify} messages.
                 * @function encode
                 * @memberof vibecoin.network.v1.Block
                 * @static
                 * @param {vibecoin.network.v1.Block.$Properties} message Block message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                Block.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.height != null && $Object.hasOwnProperty.call(message, "height") && (typeof message.height === "object" ? message.height.low || message.height.high : message.height !== 0))
                        writer.uint32(/* id 1, wireType 0 =*/8).uint64(message.height);
                    if (message.hash != null && $Object.hasOwnProperty.call(message, "hash") && message.hash.length)
                        writer.uint32(/* id 2, wireType 2 =*/18).bytes(message.hash);
                    if (message.prevHash != null && $Object.hasOwnProperty.call(message, "prevHash") && message.prevHash.length)
                        writer.uint32(/* id 3, wireType 2 =*/26).bytes(message.prevHash);
                    if (message.timestamp != null && $Object.hasOwnProperty.call(message, "timestamp") && (typeof message.timestamp === "object" ? message.timestamp.low || message.timestamp.high : message.timestamp !== 0))
                        writer.uint32(/* id 4, wireType 0 =*/32).uint64(message.timestamp);
                    if (message.stateRoot != null && $Object.hasOwnProperty.call(message, "stateRoot") && message.stateRoot.length)
                        writer.uint32(/* id 5, wireType 2 =*/42).bytes(message.stateRoot);
                    if (message.transactions != null && message.transactions.length)
                        for (let i = 0; i < message.transactions.length; ++i)
                            $root.vibecoin.network.v1.Transaction.encode(message.transactions[i], writer.uint32(/* id 6, wireType 2 =*/50).fork(), _depth + 1).ldelim();
                    if (message.proof != null && $Object.hasOwnProperty.call(message, "proof") && message.proof.length)
                        writer.uint32(/* id 7, wireType 2 =*/58).bytes(message.proof);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a Block message from the specified reader or buffer.
                 * @function decode
                 * @memberof vibecoin.network.v1.Block
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {vibecoin.network.v1.Block & vibecoin.network.v1.Block.$Shape} Block
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                Block.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.vibecoin.network.v1.Block();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                    message.height = value;
                                else
                                    delete message.height;
                                continue;
                            }
                        case 2: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.bytes()).length)
                                    message.hash = value;
                                else
                                    delete message.hash;
                                continue;
                            }
                        case 3: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.bytes()).length)
                                    message.prevHash = value;
                                else
                                    delete message.prevHash;
                                continue;
                            }
                        case 4: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                    message.timestamp = value;
                                else
                                    delete message.timestamp;
                                continue;
                            }
                        case 5: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.bytes()).length)
                                    message.stateRoot = value;
                                else
                                    delete message.stateRoot;
                                continue;
                            }
                        case 6: {
                                if (wireType !== 2)
                                    break;
                                if (!(message.transactions && message.transactions.length))
                                    message.transactions = [];
                                message.transactions.push($root.vibecoin.network.v1.Transaction.decode(reader, reader.size(), $undefined, _depth + 1));
                                continue;
                            }
                        case 7: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.bytes()).length)
                                    message.proof = value;
                                else
                                    delete message.proof;
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return Block;
            })();

            v1.Handshake = (function() {

                /**
                 * Properties of a Handshake.
                 * @typedef {Object} vibecoin.network.v1.Handshake.$Properties
                 * @property {vibecoin.network.v1.NodeInfo.$Properties|null} [node] Handshake node
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a Handshake.
                 * @memberof vibecoin.network.v1
                 * @interface IHandshake
                 * @augments vibecoin.network.v1.Handshake.$Properties
                 * @deprecated Use vibecoin.network.v1.Handshake.$Properties instead.
                 */

                /**
                 * Shape of a Handshake.
                 * @typedef {vibecoin.network.v1.Handshake.$Properties} vibecoin.network.v1.Handshake.$Shape
                 */

                /**
                 * Constructs a new Handshake.
                 * @memberof vibecoin.network.v1
                 * @classdesc Represents a Handshake.
                 * @constructor
                 * @param {vibecoin.network.v1.Handshake.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const Handshake = function (properties) {
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * Handshake node.
                 * @member {vibecoin.network.v1.NodeInfo.$Properties|null|undefined} node
                 * @memberof vibecoin.network.v1.Handshake
                 * @instance
                 */
                Handshake.prototype.node = null;

                /**
                 * Creates a new Handshake instance using the specified properties.
                 * @function create
                 * @memberof vibecoin.network.v1.Handshake
                 * @static
                 * @param {vibecoin.network.v1.Handshake.$Properties=} [properties] Properties to set
                 * @returns {vibecoin.network.v1.Handshake} Handshake instance
                 * @type {{
                 *   (properties: vibecoin.network.v1.Handshake.$Shape): vibecoin.network.v1.Handshake & vibecoin.network.v1.Handshake.$Shape;
                 *   (properties?: vibecoin.network.v1.Handshake.$Properties): vibecoin.network.v1.Handshake;
                 * }}
                 */
                Handshake.create = function(properties) {
                    return new Handshake(properties);
                };

                /**
                 * Encodes the specified Handshake message. Does not implicitly {@link vibecoin.network.v1.Handshake.verify|verify} messages.
                 * @function encode
                 * @memberof vibecoin.network.v1.Handshake
                 * @static
                 * @param {vibecoin.network.v1.Handshake.$Properties} message Handshake message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                Handshake.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.node != null && $Object.hasOwnProperty.call(message, "node"))
                        $root.vibecoin.network.v1.NodeInfo.encode(message.node, writer.uint32(/* id 1, wireType 2 =*/10).fork(), _depth + 1).ldelim();
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a Handshake message from the specified reader or buffer.
                 * @function decode
                 * @memberof vibecoin.network.v1.Handshake
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {vibecoin.network.v1.Handshake & vibecoin.network.v1.Handshake.$Shape} Handshake
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                Handshake.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.vibecoin.network.v1.Handshake();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 2)
                                    break;
                                message.node = $root.vibecoin.network.v1.NodeInfo.decode(reader, reader.size(), $undefined, _depth + 1, message.node);
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return Handshake;
            })();

            v1.NewBlock = (function() {

                /**
                 * Properties of a NewBlock.
                 * @typedef {Object} vibecoin.network.v1.NewBlock.$Properties
                 * @property {vibecoin.network.v1.Block.$Properties|null} [block] NewBlock block
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a NewBlock.
                 * @memberof vibecoin.network.v1
                 * @interface INewBlock
                 * @augments vibecoin.network.v1.NewBlock.$Properties
                 * @deprecated Use vibecoin.network.v1.NewBlock.$Properties instead.
                 */

                /**
                 * Shape of a NewBlock.
                 * @typedef {vibecoin.network.v1.NewBlock.$Properties} vibecoin.network.v1.NewBlock.$Shape
                 */

                /**
                 * Constructs a new NewBlock.
                 * @memberof vibecoin.network.v1
                 * @classdesc Represents a NewBlock.
                 * @constructor
                 * @param {vibecoin.network.v1.NewBlock.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const NewBlock = function (properties) {
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * NewBlock block.
                 * @member {vibecoin.network.v1.Block.$Properties|null|undefined} block
                 * @memberof vibecoin.network.v1.NewBlock
                 * @instance
                 */
                NewBlock.prototype.block = null;

                /**
                 * Creates a new NewBlock instance using the specified properties.
                 * @function create
                 * @memberof vibecoin.network.v1.NewBlock
                 * @static
                 * @param {vibecoin.network.v1.NewBlock.$Properties=} [properties] Properties to set
                 * @returns {vibecoin.network.v1.NewBlock} NewBlock instance
                 * @type {{
                 *   (properties: vibecoin.network.v1.NewBlock.$Shape): vibecoin.network.v1.NewBlock & vibecoin.network.v1.NewBlock.$Shape;
                 *   (properties?: vibecoin.network.v1.NewBlock.$Properties): vibecoin.network.v1.NewBlock;
                 * }}
                 */
                NewBlock.create = function(properties) {
                    return new NewBlock(properties);
                };

                /**
                 * Encodes the specified NewBlock message. Does not implicitly {@link vibecoin.network.v1.NewBlock.verify|verify} messages.
                 * @function encode
                 * @memberof vibecoin.network.v1.NewBlock
                 * @static
                 * @param {vibecoin.network.v1.NewBlock.$Properties} message NewBlock message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                NewBlock.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.block != null && $Object.hasOwnProperty.call(message, "block"))
                        $root.vibecoin.network.v1.Block.encode(message.block, writer.uint32(/* id 1, wireType 2 =*/10).fork(), _depth + 1).ldelim();
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a NewBlock message from the specified reader or buffer.
                 * @function decode
                 * @memberof vibecoin.network.v1.NewBlock
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {vibecoin.network.v1.NewBlock & vibecoin.network.v1.NewBlock.$Shape} NewBlock
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                NewBlock.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.vibecoin.network.v1.NewBlock();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 2)
                                    break;
                                message.block = $root.vibecoin.network.v1.Block.decode(reader, reader.size(), $undefined, _depth + 1, message.block);
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return NewBlock;
            })();

            v1.NewTransaction = (function() {

                /**
                 * Properties of a NewTransaction.
                 * @typedef {Object} vibecoin.network.v1.NewTransaction.$Properties
                 * @property {vibecoin.network.v1.Transaction.$Properties|null} [transaction] NewTransaction transaction
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a NewTransaction.
                 * @memberof vibecoin.network.v1
                 * @interface INewTransaction
                 * @augments vibecoin.network.v1.NewTransaction.$Properties
                 * @deprecated Use vibecoin.network.v1.NewTransaction.$Properties instead.
                 */

                /**
                 * Shape of a NewTransaction.
                 * @typedef {vibecoin.network.v1.NewTransaction.$Properties} vibecoin.network.v1.NewTransaction.$Shape
                 */

                /**
                 * Constructs a new NewTransaction.
                 * @memberof vibecoin.network.v1
                 * @classdesc Represents a NewTransaction.
                 * @constructor
                 * @param {vibecoin.network.v1.NewTransaction.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const NewTransaction = function (properties) {
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * NewTransaction transaction.
                 * @member {vibecoin.network.v1.Transaction.$Properties|null|undefined} transaction
                 * @memberof vibecoin.network.v1.NewTransaction
                 * @instance
                 */
                NewTransaction.prototype.transaction = null;

                /**
                 * Creates a new NewTransaction instance using the specified properties.
                 * @function create
                 * @memberof vibecoin.network.v1.NewTransaction
                 * @static
                 * @param {vibecoin.network.v1.NewTransaction.$Properties=} [properties] Properties to set
                 * @returns {vibecoin.network.v1.NewTransaction} NewTransaction instance
                 * @type {{
                 *   (properties: vibecoin.network.v1.NewTransaction.$Shape): vibecoin.network.v1.NewTransaction & vibecoin.network.v1.NewTransaction.$Shape;
                 *   (properties?: vibecoin.network.v1.NewTransaction.$Properties): vibecoin.network.v1.NewTransaction;
                 * }}
                 */
                NewTransaction.create = function(properties) {
                    return new NewTransaction(properties);
                };

                /**
                 * Encodes the specified NewTransaction message. Does not implicitly {@link vibecoin.network.v1.NewTransaction.verify|verify} messages.
                 * @function encode
                 * @memberof vibecoin.network.v1.NewTransaction
                 * @static
                 * @param {vibecoin.network.v1.NewTransaction.$Properties} message NewTransaction message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                NewTransaction.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.transaction != null && $Object.hasOwnProperty.call(message, "transaction"))
                        $root.vibecoin.network.v1.Transaction.encode(message.transaction, writer.uint32(/* id 1, wireType 2 =*/10).fork(), _depth + 1).ldelim();
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a NewTransaction message from the specified reader or buffer.
                 * @function decode
                 * @memberof vibecoin.network.v1.NewTransaction
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {vibecoin.network.v1.NewTransaction & vibecoin.network.v1.NewTransaction.$Shape} NewTransaction
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                NewTransaction.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.vibecoin.network.v1.NewTransaction();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 2)
                                    break;
                                message.transaction = $root.vibecoin.network.v1.Transaction.decode(reader, reader.size(), $undefined, _depth + 1, message.transaction);
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return NewTransaction;
            })();

            v1.RequestBlock = (function() {

                /**
                 * Properties of a RequestBlock.
                 * @typedef {Object} vibecoin.network.v1.RequestBlock.$Properties
                 * @property {number|Long|null} [height] RequestBlock height
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a RequestBlock.
                 * @memberof vibecoin.network.v1
                 * @interface IRequestBlock
                 * @augments vibecoin.network.v1.RequestBlock.$Properties
                 * @deprecated Use vibecoin.network.v1.RequestBlock.$Properties instead.
                 */

                /**
                 * Shape of a RequestBlock.
                 * @typedef {vibecoin.network.v1.RequestBlock.$Properties} vibecoin.network.v1.RequestBlock.$Shape
                 */

                /**
                 * Constructs a new RequestBlock.
                 * @memberof vibecoin.network.v1
                 * @classdesc Represents a RequestBlock.
                 * @constructor
                 * @param {vibecoin.network.v1.RequestBlock.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const RequestBlock = function (properties) {
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * RequestBlock height.
                 * @member {number|Long} height
                 * @memberof vibecoin.network.v1.RequestBlock
                 * @instance
                 */
                RequestBlock.prototype.height = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

                /**
                 * Creates a new RequestBlock instance using the specified properties.
                 * @function create
                 * @memberof vibecoin.network.v1.RequestBlock
                 * @static
                 * @param {vibecoin.network.v1.RequestBlock.$Properties=} [properties] Properties to set
                 * @returns {vibecoin.network.v1.RequestBlock} RequestBlock instance
                 * @type {{
                 *   (properties: vibecoin.network.v1.RequestBlock.$Shape): vibecoin.network.v1.RequestBlock & vibecoin.network.v1.RequestBlock.$Shape;
                 *   (properties?: vibecoin.network.v1.RequestBlock.$Properties): vibecoin.network.v1.RequestBlock;
                 * }}
                 */
                RequestBlock.create = function(properties) {
                    return new RequestBlock(properties);
                };

                /**
                 * Encodes the specified RequestBlock message. Does not implicitly {@link vibecoin.network.v1.RequestBlock.verify|verify} messages.
                 * @function encode
                 * @memberof vibecoin.network.v1.RequestBlock
                 * @static
                 * @param {vibecoin.network.v1.RequestBlock.$Properties} message RequestBlock message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                RequestBlock.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.height != null && $Object.hasOwnProperty.call(message, "height") && (typeof message.height === "object" ? message.height.low || message.height.high : message.height !== 0))
                        writer.uint32(/* id 1, wireType 0 =*/8).uint64(message.height);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a RequestBlock message from the specified reader or buffer.
                 * @function decode
                 * @memberof vibecoin.network.v1.RequestBlock
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {vibecoin.network.v1.RequestBlock & vibecoin.network.v1.RequestBlock.$Shape} RequestBlock
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                RequestBlock.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.vibecoin.network.v1.RequestBlock();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                    message.height = value;
                                else
                                    delete message.height;
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return RequestBlock;
            })();

            v1.ResponseBlock = (function() {

                /**
                 * Properties of a ResponseBlock.
                 * @typedef {Object} vibecoin.network.v1.ResponseBlock.$Properties
                 * @property {vibecoin.network.v1.Block.$Properties|null} [block] ResponseBlock block
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a ResponseBlock.
                 * @memberof vibecoin.network.v1
                 * @interface IResponseBlock
                 * @augments vibecoin.network.v1.ResponseBlock.$Properties
                 * @deprecated Use vibecoin.network.v1.ResponseBlock.$Properties instead.
                 */

                /**
                 * Shape of a ResponseBlock.
                 * @typedef {vibecoin.network.v1.ResponseBlock.$Properties} vibecoin.network.v1.ResponseBlock.$Shape
                 */

                /**
                 * Constructs a new ResponseBlock.
                 * @memberof vibecoin.network.v1
                 * @classdesc Represents a ResponseBlock.
                 * @constructor
                 * @param {vibecoin.network.v1.ResponseBlock.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const ResponseBlock = function (properties) {
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * ResponseBlock block.
                 * @member {vibecoin.network.v1.Block.$Properties|null|undefined} block
                 * @memberof vibecoin.network.v1.ResponseBlock
                 * @instance
                 */
                ResponseBlock.prototype.block = null;

                /**
                 * Creates a new ResponseBlock instance using the specified properties.
                 * @function create
                 * @memberof vibecoin.network.v1.ResponseBlock
                 * @static
                 * @param {vibecoin.network.v1.ResponseBlock.$Properties=} [properties] Properties to set
                 * @returns {vibecoin.network.v1.ResponseBlock} ResponseBlock instance
                 * @type {{
                 *   (properties: vibecoin.network.v1.ResponseBlock.$Shape): vibecoin.network.v1.ResponseBlock & vibecoin.network.v1.ResponseBlock.$Shape;
                 *   (properties?: vibecoin.network.v1.ResponseBlock.$Properties): vibecoin.network.v1.ResponseBlock;
                 * }}
                 */
                ResponseBlock.create = function(properties) {
                    return new ResponseBlock(properties);
                };

                /**
                 * Encodes the specified ResponseBlock message. Does not implicitly {@link vibecoin.network.v1.ResponseBlock.verify|verify} messages.
                 * @function encode
                 * @memberof vibecoin.network.v1.ResponseBlock
                 * @static
                 * @param {vibecoin.network.v1.ResponseBlock.$Properties} message ResponseBlock message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                ResponseBlock.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.block != null && $Object.hasOwnProperty.call(message, "block"))
                        $root.vibecoin.network.v1.Block.encode(message.block, writer.uint32(/* id 1, wireType 2 =*/10).fork(), _depth + 1).ldelim();
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a ResponseBlock message from the specified reader or buffer.
                 * @function decode
                 * @memberof vibecoin.network.v1.ResponseBlock
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {vibecoin.network.v1.ResponseBlock & vibecoin.network.v1.ResponseBlock.$Shape} ResponseBlock
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                ResponseBlock.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.vibecoin.network.v1.ResponseBlock();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 2)
                                    break;
                                message.block = $root.vibecoin.network.v1.Block.decode(reader, reader.size(), $undefined, _depth + 1, message.block);
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return ResponseBlock;
            })();

            v1.RequestBlockRange = (function() {

                /**
                 * Properties of a RequestBlockRange.
                 * @typedef {Object} vibecoin.network.v1.RequestBlockRange.$Properties
                 * @property {number|Long|null} [startHeight] RequestBlockRange startHeight
                 * @property {number|Long|null} [endHeight] RequestBlockRange endHeight
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a RequestBlockRange.
                 * @memberof vibecoin.network.v1
                 * @interface IRequestBlockRange
                 * @augments vibecoin.network.v1.RequestBlockRange.$Properties
                 * @deprecated Use vibecoin.network.v1.RequestBlockRange.$Properties instead.
                 */

                /**
                 * Shape of a RequestBlockRange.
                 * @typedef {vibecoin.network.v1.RequestBlockRange.$Properties} vibecoin.network.v1.RequestBlockRange.$Shape
                 */

                /**
                 * Constructs a new RequestBlockRange.
                 * @memberof vibecoin.network.v1
                 * @classdesc Represents a RequestBlockRange.
                 * @constructor
                 * @param {vibecoin.network.v1.RequestBlockRange.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const RequestBlockRange = function (properties) {
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * RequestBlockRange startHeight.
                 * @member {number|Long} startHeight
                 * @memberof vibecoin.network.v1.RequestBlockRange
                 * @instance
                 */
                RequestBlockRange.prototype.startHeight = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

                /**
                 * RequestBlockRange endHeight.
                 * @member {number|Long} endHeight
                 * @memberof vibecoin.network.v1.RequestBlockRange
                 * @instance
                 */
                RequestBlockRange.prototype.endHeight = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

                /**
                 * Creates a new RequestBlockRange instance using the specified properties.
                 * @function create
                 * @memberof vibecoin.network.v1.RequestBlockRange
                 * @static
                 * @param {vibecoin.network.v1.RequestBlockRange.$Properties=} [properties] Properties to set
                 * @returns {vibecoin.network.v1.RequestBlockRange} RequestBlockRange instance
                 * @type {{
                 *   (properties: vibecoin.network.v1.RequestBlockRange.$Shape): vibecoin.network.v1.RequestBlockRange & vibecoin.network.v1.RequestBlockRange.$Shape;
                 *   (properties?: vibecoin.network.v1.RequestBlockRange.$Properties): vibecoin.network.v1.RequestBlockRange;
                 * }}
                 */
                RequestBlockRange.create = function(properties) {
                    return new RequestBlockRange(properties);
                };

                /**
                 * Encodes the specified RequestBlockRange message. Does not implicitly {@link vibecoin.network.v1.RequestBlockRange.verify|verify} messages.
                 * @function encode
                 * @memberof vibecoin.network.v1.RequestBlockRange
                 * @static
                 * @param {vibecoin.network.v1.RequestBlockRange.$Properties} message RequestBlockRange message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                RequestBlockRange.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.startHeight != null && $Object.hasOwnProperty.call(message, "startHeight") && (typeof message.startHeight === "object" ? message.startHeight.low || message.startHeight.high : message.startHeight !== 0))
                        writer.uint32(/* id 1, wireType 0 =*/8).uint64(message.startHeight);
                    if (message.endHeight != null && $Object.hasOwnProperty.call(message, "endHeight") && (typeof message.endHeight === "object" ? message.endHeight.low || message.endHeight.high : message.endHeight !== 0))
                        writer.uint32(/* id 2, wireType 0 =*/16).uint64(message.endHeight);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a RequestBlockRange message from the specified reader or buffer.
                 * @function decode
                 * @memberof vibecoin.network.v1.RequestBlockRange
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {vibecoin.network.v1.RequestBlockRange & vibecoin.network.v1.RequestBlockRange.$Shape} RequestBlockRange
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                RequestBlockRange.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.vibecoin.network.v1.RequestBlockRange();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                    message.startHeight = value;
                                else
                                    delete message.startHeight;
                                continue;
                            }
                        case 2: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                    message.endHeight = value;
                                else
                                    delete message.endHeight;
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return RequestBlockRange;
            })();

            v1.ResponseBlockRange = (function() {

                /**
                 * Properties of a ResponseBlockRange.
                 * @typedef {Object} vibecoin.network.v1.ResponseBlockRange.$Properties
                 * @property {Array.<vibecoin.network.v1.Block.$Properties>|null} [blocks] ResponseBlockRange blocks
                 * @property {boolean|null} [last] ResponseBlockRange last
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a ResponseBlockRange.
                 * @memberof vibecoin.network.v1
                 * @interface IResponseBlockRange
                 * @augments vibecoin.network.v1.ResponseBlockRange.$Properties
                 * @deprecated Use vibecoin.network.v1.ResponseBlockRange.$Properties instead.
                 */

                /**
                 * Shape of a ResponseBlockRange.
                 * @typedef {vibecoin.network.v1.ResponseBlockRange.$Properties} vibecoin.network.v1.ResponseBlockRange.$Shape
                 */

                /**
                 * Constructs a new ResponseBlockRange.
                 * @memberof vibecoin.network.v1
                 * @classdesc Represents a ResponseBlockRange.
                 * @constructor
                 * @param {vibecoin.network.v1.ResponseBlockRange.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const ResponseBlockRange = function (properties) {
                    this.blocks = [];
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * ResponseBlockRange blocks.
                 * @member {Array.<vibecoin.network.v1.Block.$Properties>} blocks
                 * @memberof vibecoin.network.v1.ResponseBlockRange
                 * @instance
                 */
                ResponseBlockRange.prototype.blocks = $util.emptyArray;

                /**
                 * ResponseBlockRange last.
                 * @member {boolean} last
                 * @memberof vibecoin.network.v1.ResponseBlockRange
                 * @instance
                 */
                ResponseBlockRange.prototype.last = false;

                /**
                 * Creates a new ResponseBlockRange instance using the specified properties.
                 * @function create
                 * @memberof vibecoin.network.v1.ResponseBlockRange
                 * @static
                 * @param {vibecoin.network.v1.ResponseBlockRange.$Properties=} [properties] Properties to set
                 * @returns {vibecoin.network.v1.ResponseBlockRange} ResponseBlockRange instance
                 * @type {{
                 *   (properties: vibecoin.network.v1.ResponseBlockRange.$Shape): vibecoin.network.v1.ResponseBlockRange & vibecoin.network.v1.ResponseBlockRange.$Shape;
                 *   (properties?: vibecoin.network.v1.ResponseBlockRange.$Properties): vibecoin.network.v1.ResponseBlockRange;
                 * }}
                 */
                ResponseBlockRange.create = function(properties) {
                    return new ResponseBlockRange(properties);
                };

                /**
                 * Encodes the specified ResponseBlockRange message. Does not implicitly {@link vibecoin.network.v1.ResponseBlockRange.verify|verify} messages.
                 * @function encode
                 * @memberof vibecoin.network.v1.ResponseBlockRange
                 * @static
                 * @param {vibecoin.network.v1.ResponseBlockRange.$Properties} message ResponseBlockRange message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                ResponseBlockRange.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.blocks != null && message.blocks.length)
                        for (let i = 0; i < message.blocks.length; ++i)
                            $root.vibecoin.network.v1.Block.encode(message.blocks[i], writer.uint32(/* id 1, wireType 2 =*/10).fork(), _depth + 1).ldelim();
                    if (message.last != null && $Object.hasOwnProperty.call(message, "last") && message.last !== false)
                        writer.uint32(/* id 2, wireType 0 =*/16).bool(message.last);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a ResponseBlockRange message from the specified reader or buffer.
                 * @function decode
                 * @memberof vibecoin.network.v1.ResponseBlockRange
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {vibecoin.network.v1.ResponseBlockRange & vibecoin.network.v1.ResponseBlockRange.$Shape} ResponseBlockRange
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                ResponseBlockRange.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.vibecoin.network.v1.ResponseBlockRange();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 2)
                                    break;
                                if (!(message.blocks && message.blocks.length))
                                    message.blocks = [];
                                message.blocks.push($root.vibecoin.network.v1.Block.decode(reader, reader.size(), $undefined, _depth + 1));
                                continue;
                            }
                        case 2: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.bool())
                                    message.last = value;
                                else
                                    delete message.last;
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return ResponseBlockRange;
            })();

            v1.Ping = (function() {

                /**
                 * Properties of a Ping.
                 * @typedef {Object} vibecoin.network.v1.Ping.$Properties
                 * @property {number|Long|null} [nonce] Ping nonce
                 * @property {number|Long|null} [bestHeight] Ping bestHeight
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a Ping.
                 * @memberof vibecoin.network.v1
                 * @interface IPing
                 * @augments vibecoin.network.v1.Ping.$Properties
                 * @deprecated Use vibecoin.network.v1.Ping.$Properties instead.
                 */

                /**
                 * Shape of a Ping.
                 * @typedef {vibecoin.network.v1.Ping.$Properties} vibecoin.network.v1.Ping.$Shape
                 */

                /**
                 * Constructs a new Ping.
                 * @memberof vibecoin.network.v1
                 * @classdesc Represents a Ping.
                 * @constructor
                 * @param {vibecoin.network.v1.Ping.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const Ping = function (properties) {
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * Ping nonce.
                 * @member {number|Long} nonce
                 * @memberof vibecoin.network.v1.Ping
                 * @instance
                 */
                Ping.prototype.nonce = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

                /**
                 * Ping bestHeight.
                 * @member {number|Long} bestHeight
                 * @memberof vibecoin.network.v1.Ping
                 * @instance
                 */
                Ping.prototype.bestHeight = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

                /**
                 * Creates a new Ping instance using the specified properties.
                 * @function create
                 * @memberof vibecoin.network.v1.Ping
                 * @static
                 * @param {vibecoin.network.v1.Ping.$Properties=} [properties] Properties to set
                 * @returns {vibecoin.network.v1.Ping} Ping instance
                 * @type {{
                 *   (properties: vibecoin.network.v1.Ping.$Shape): vibecoin.network.v1.Ping & vibecoin.network.v1.Ping.$Shape;
                 *   (properties?: vibecoin.network.v1.Ping.$Properties): vibecoin.network.v1.Ping;
                 * }}
                 */
                Ping.create = function(properties) {
                    return new Ping(properties);
                };

                /**
                 * Encodes the specified Ping message. Does not implicitly {@link vibecoin.network.v1.Ping.verify|verify} messages.
                 * @function encode
                 * @memberof vibecoin.network.v1.Ping
                 * @static
                 * @param {vibecoin.network.v1.Ping.$Properties} message Ping message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                Ping.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.nonce != null && $Object.hasOwnProperty.call(message, "nonce") && (typeof message.nonce === "object" ? message.nonce.low || message.nonce.high : message.nonce !== 0))
                        writer.uint32(/* id 1, wireType 0 =*/8).uint64(message.nonce);
                    if (message.bestHeight != null && $Object.hasOwnProperty.call(message, "bestHeight") && (typeof message.bestHeight === "object" ? message.bestHeight.low || message.bestHeight.high : message.bestHeight !== 0))
                        writer.uint32(/* id 2, wireType 0 =*/16).uint64(message.bestHeight);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a Ping message from the specified reader or buffer.
                 * @function decode
                 * @memberof vibecoin.network.v1.Ping
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {vibecoin.network.v1.Ping & vibecoin.network.v1.Ping.$Shape} Ping
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                Ping.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.vibecoin.network.v1.Ping();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                    message.nonce = value;
                                else
                                    delete message.nonce;
                                continue;
                            }
                        case 2: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                    message.bestHeight = value;
                                else
                                    delete message.bestHeight;
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return Ping;
            })();

            v1.Pong = (function() {

                /**
                 * Properties of a Pong.
                 * @typedef {Object} vibecoin.network.v1.Pong.$Properties
                 * @property {number|Long|null} [nonce] Pong nonce
                 * @property {number|Long|null} [bestHeight] Pong bestHeight
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a Pong.
                 * @memberof vibecoin.network.v1
                 * @interface IPong
                 * @augments vibecoin.network.v1.Pong.$Properties
                 * @deprecated Use vibecoin.network.v1.Pong.$Properties instead.
                 */

                /**
                 * Shape of a Pong.
                 * @typedef {vibecoin.network.v1.Pong.$Properties} vibecoin.network.v1.Pong.$Shape
                 */

                /**
                 * Constructs a new Pong.
                 * @memberof vibecoin.network.v1
                 * @classdesc Represents a Pong.
                 * @constructor
                 * @param {vibecoin.network.v1.Pong.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const Pong = function (properties) {
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * Pong nonce.
                 * @member {number|Long} nonce
                 * @memberof vibecoin.network.v1.Pong
                 * @instance
                 */
                Pong.prototype.nonce = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

                /**
                 * Pong bestHeight.
                 * @member {number|Long} bestHeight
                 * @memberof vibecoin.network.v1.Pong
                 * @instance
                 */
                Pong.prototype.bestHeight = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

                /**
                 * Creates a new Pong instance using the specified properties.
                 * @function create
                 * @memberof vibecoin.network.v1.Pong
                 * @static
                 * @param {vibecoin.network.v1.Pong.$Properties=} [properties] Properties to set
                 * @returns {vibecoin.network.v1.Pong} Pong instance
                 * @type {{
                 *   (properties: vibecoin.network.v1.Pong.$Shape): vibecoin.network.v1.Pong & vibecoin.network.v1.Pong.$Shape;
                 *   (properties?: vibecoin.network.v1.Pong.$Properties): vibecoin.network.v1.Pong;
                 * }}
                 */
                Pong.create = function(properties) {
                    return new Pong(properties);
                };

                /**
                 * Encodes the specified Pong message. Does not implicitly {@link vibecoin.network.v1.Pong.verify|verify} messages.
                 * @function encode
                 * @memberof vibecoin.network.v1.Pong
                 * @static
                 * @param {vibecoin.network.v1.Pong.$Properties} message Pong message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                Pong.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.nonce != null && $Object.hasOwnProperty.call(message, "nonce") && (typeof message.nonce === "object" ? message.nonce.low || message.nonce.high : message.nonce !== 0))
                        writer.uint32(/* id 1, wireType 0 =*/8).uint64(message.nonce);
                    if (message.bestHeight != null && $Object.hasOwnProperty.call(message, "bestHeight") && (typeof message.bestHeight === "object" ? message.bestHeight.low || message.bestHeight.high : message.bestHeight !== 0))
                        writer.uint32(/* id 2, wireType 0 =*/16).uint64(message.bestHeight);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a Pong message from the specified reader or buffer.
                 * @function decode
                 * @memberof vibecoin.network.v1.Pong
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {vibecoin.network.v1.Pong & vibecoin.network.v1.Pong.$Shape} Pong
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                Pong.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.vibecoin.network.v1.Pong();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                    message.nonce = value;
                                else
                                    delete message.nonce;
                                continue;
                            }
                        case 2: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                    message.bestHeight = value;
                                else
                                    delete message.bestHeight;
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return Pong;
            })();

            v1.Have = (function() {

                /**
                 * Properties of a Have.
                 * @typedef {Object} vibecoin.network.v1.Have.$Properties
                 * @property {Array.<Uint8Array>|null} [digests] Have digests
                 * @property {Uint8Array|null} [shortDigests] Have shortDigests
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a Have.
                 * @memberof vibecoin.network.v1
                 * @interface IHave
                 * @augments vibecoin.network.v1.Have.$Properties
                 * @deprecated Use vibecoin.network.v1.Have.$Properties instead.
                 */

                /**
                 * Shape of a Have.
                 * @typedef {vibecoin.network.v1.Have.$Properties} vibecoin.network.v1.Have.$Shape
                 */

                /**
                 * Constructs a new Have.
                 * @memberof vibecoin.network.v1
                 * @classdesc Represents a Have.
                 * @constructor
                 * @param {vibecoin.network.v1.Have.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const Have = function (properties) {
                    this.digests = [];
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * Have digests.
                 * @member {Array.<Uint8Array>} digests
                 * @memberof vibecoin.network.v1.Have
                 * @instance
                 */
                Have.prototype.digests = $util.emptyArray;

                /**
                 * Have shortDigests.
                 * @member {Uint8Array} shortDigests
                 * @memberof vibecoin.network.v1.Have
                 * @instance
                 */
                Have.prototype.shortDigests = $util.newBuffer([]);

                /**
                 * Creates a new Have instance using the specified properties.
                 * @function create
                 * @memberof vibecoin.network.v1.Have
                 * @static
                 * @param {vibecoin.network.v1.Have.$Properties=} [properties] Properties to set
                 * @returns {vibecoin.network.v1.Have} Have instance
                 * @type {{
                 *   (properties: vibecoin.network.v1.Have.$Shape): vibecoin.network.v1.Have & vibecoin.network.v1.Have.$Shape;
                 *   (properties?: vibecoin.network.v1.Have.$Properties): vibecoin.network.v1.Have;
                 * }}
                 */
                Have.create = function(properties) {
                    return new Have(properties);
                };

                /**
                 * Encodes the specified Have message. Does not implicitly {@link vibecoin.network.v1.Have.verify|verify} messages.
                 * @function encode
                 * @memberof vibecoin.network.v1.Have
                 * @static
                 * @param {vibecoin.network.v1.Have.$Properties} message Have message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                Have.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.digests != null && message.digests.length)
                        for (let i = 0; i < message.digests.length; ++i)
                            writer.uint32(/* id 1, wireType 2 =*/10).bytes(message.digests[i]);
                    if (message.shortDigests != null && $Object.hasOwnProperty.call(message, "shortDigests") && message.shortDigests.length)
                        writer.uint32(/* id 2, wireType 2 =*/18).bytes(message.shortDigests);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a Have message from the specified reader or buffer.
                 * @function decode
                 * @memberof vibecoin.network.v1.Have
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {vibecoin.network.v1.Have & vibecoin.network.v1.Have.$Shape} Have
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                Have.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.vibecoin.network.v1.Have();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 2)
                                    break;
                                if (!(message.digests && message.digests.length))
                                    message.digests = [];
                                message.digests.push(reader.bytes());
                                continue;
                            }
                        case 2: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.bytes()).length)
                                    message.shortDigests = value;
                                else
                                    delete message.shortDigests;
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return Have;
            })();

            v1.Want = (function() {

                /**
                 * Properties of a Want.
                 * @typedef {Object} vibecoin.network.v1.Want.$Properties
                 * @property {Array.<Uint8Array>|null} [digests] Want digests
                 * @property {Uint8Array|null} [shortDigests] Want shortDigests
                 * @property {boolean|null} [compact] Want compact
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a Want.
                 * @memberof vibecoin.network.v1
                 * @interface IWant
                 * @augments vibecoin.network.v1.Want.$Properties
                 * @deprecated Use vibecoin.network.v1.Want.$Properties instead.
                 */

                /**
                 * Shape of a Want.
                 * @typedef {vibecoin.network.v1.Want.$Properties} vibecoin.network.v1.Want.$Shape
                 */

                /**
                 * Constructs a new Want.
                 * @memberof vibecoin.network.v1
                 * @classdesc Represents a Want.
                 * @constructor
                 * @param {vibecoin.network.v1.Want.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const Want = function (properties) {
                    this.digests = [];
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * Want digests.
                 * @member {Array.<Uint8Array>} digests
                 * @memberof vibecoin.network.v1.Want
                 * @instance
                 */
                Want.prototype.digests = $util.emptyArray;

                /**
                 * Want shortDigests.
                 * @member {Uint8Array} shortDigests
                 * @memberof vibecoin.network.v1.Want
                 * @instance
                 */
                Want.prototype.shortDigests = $util.newBuffer([]);

                /**
                 * Want compact.
                 * @member {boolean} compact
                 * @memberof vibecoin.network.v1.Want
                 * @instance
                 */
                Want.prototype.compact = false;

                /**
                 * Creates a new Want instance using the specified properties.
                 * @function create
                 * @memberof vibecoin.network.v1.Want
                 * @static
                 * @param {vibecoin.network.v1.Want.$Properties=} [properties] Properties to set
                 * @returns {vibecoin.network.v1.Want} Want instance
                 * @type {{
                 *   (properties: vibecoin.network.v1.Want.$Shape): vibecoin.network.v1.Want & vibecoin.network.v1.Want.$Shape;
                 *   (properties?: vibecoin.network.v1.Want.$Properties): vibecoin.network.v1.Want;
                 * }}
                 */
                Want.create = function(properties) {
                    return new Want(properties);
                };

                /**
                 * Encodes the specified Want message. Does not implicitly {@link vibecoin.network.v1.Want.verify|verify} messages.
                 * @function encode
                 * @memberof vibecoin.network.v1.Want
                 * @static
                 * @param {vibecoin.network.v1.Want.$Properties} message Want message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                Want.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.digests != null && message.digests.length)
                        for (let i = 0; i < message.digests.length; ++i)
                            writer.uint32(/* id 1, wireType 2 =*/10).bytes(message.digests[i]);
                    if (message.shortDigests != null && $Object.hasOwnProperty.call(message, "shortDigests") && message.shortDigests.length)
                        writer.uint32(/* id 2, wireType 2 =*/18).bytes(message.shortDigests);
                    if (message.compact != null && $Object.hasOwnProperty.call(message, "compact") && message.compact !== false)
                        writer.uint32(/* id 3, wireType 0 =*/24).bool(message.compact);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a Want message from the specified reader or buffer.
                 * @function decode
                 * @memberof vibecoin.network.v1.Want
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {vibecoin.network.v1.Want & vibecoin.network.v1.Want.$Shape} Want
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                Want.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.vibecoin.network.v1.Want();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 2)
                                    break;
                                if (!(message.digests && message.digests.length))
                                    message.digests = [];
                                message.digests.push(reader.bytes());
                                continue;
                            }
                        case 2: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.bytes()).length)
                                    message.shortDigests = value;
                                else
                                    delete message.shortDigests;
                                continue;
                            }
                        case 3: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.bool())
                                    message.compact = value;
                                else
                                    delete message.compact;
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return Want;
            })();

            v1.CompactBlock = (function() {

                /**
                 * Properties of a CompactBlock.
                 * @typedef {Object} vibecoin.network.v1.CompactBlock.$Properties
                 * @property {Uint8Array|null} [digest] CompactBlock digest
                 * @property {Uint8Array|null} [before] CompactBlock before
                 * @property {Uint8Array|null} [after] CompactBlock after
                 * @property {number|Long|null} [nonce] CompactBlock nonce
                 * @property {Uint8Array|null} [shortIds] CompactBlock shortIds
                 * @property {Array.<vibecoin.network.v1.Prefilled.$Properties>|null} [prefilled] CompactBlock prefilled
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a CompactBlock.
                 * @memberof vibecoin.network.v1
                 * @interface ICompactBlock
                 * @augments vibecoin.network.v1.CompactBlock.$Properties
                 * @deprecated Use vibecoin.network.v1.CompactBlock.$Properties instead.
                 */

                /**
                 * Shape of a CompactBlock.
                 * @typedef {vibecoin.network.v1.CompactBlock.$Properties} vibecoin.network.v1.CompactBlock.$Shape
                 */

                /**
                 * Constructs a new CompactBlock.
                 * @memberof vibecoin.network.v1
                 * @classdesc Represents a CompactBlock.
                 * @constructor
                 * @param {vibecoin.network.v1.CompactBlock.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const CompactBlock = function (properties) {
                    this.prefilled = [];
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * CompactBlock digest.
                 * @member {Uint8Array} digest
                 * @memberof vibecoin.network.v1.CompactBlock
                 * @instance
                 */
                CompactBlock.prototype.digest = $util.newBuffer([]);

                /**
                 * CompactBlock before.
                 * @member {Uint8Array} before
                 * @memberof vibecoin.network.v1.CompactBlock
                 * @instance
                 */
                CompactBlock.prototype.before = $util.newBuffer([]);

                /**
                 * CompactBlock after.
                 * @member {Uint8Array} after
                 * @memberof vibecoin.network.v1.CompactBlock
                 * @instance
                 */
                CompactBlock.prototype.after = $util.newBuffer([]);

                /**
                 * CompactBlock nonce.
                 * @member {number|Long} nonce
                 * @memberof vibecoin.network.v1.CompactBlock
                 * @instance
                 */
                CompactBlock.prototype.nonce = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

                /**
                 * CompactBlock shortIds.
                 * @member {Uint8Array} shortIds
                 * @memberof vibecoin.network.v1.CompactBlock
                 * @instance
                 */
                CompactBlock.prototype.shortIds = $util.newBuffer([]);

                /**
                 * CompactBlock prefilled.
                 * @member {Array.<vibecoin.network.v1.Prefilled.$Properties>} prefilled
                 * @memberof vibecoin.network.v1.CompactBlock
                 * @instance
                 */
                CompactBlock.prototype.prefilled = $util.emptyArray;

                /**
                 * Creates a new CompactBlock instance using the specified properties.
                 * @function create
                 * @memberof vibecoin.network.v1.CompactBlock
                 * @static
                 * @param {vibecoin.network.v1.CompactBlock.$Properties=} [properties] Properties to set
                 * @returns {vibecoin.network.v1.CompactBlock} CompactBlock instance
                 * @type {{
                 *   (properties: vibecoin.network.v1.CompactBlock.$Shape): vibecoin.network.v1.CompactBlock & vibecoin.network.v1.CompactBlock.$Shape;
                 *   (properties?: vibecoin.network.v1.CompactBlock.$Properties): vibecoin.network.v1.CompactBlock;
                 * }}
                 */
                CompactBlock.create = function(properties) {
                    return new CompactBlock(properties);
                };

                /**
                 * Encodes the specified CompactBlock message. Does not implicitly {@link vibecoin.network.v1.CompactBlock.verify|verify} messages.
                 * @function encode
                 * @memberof vibecoin.network.v1.CompactBlock
                 * @static
                 * @param {vibecoin.network.v1.CompactBlock.$Properties} message CompactBlock message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                CompactBlock.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.digest != null && $Object.hasOwnProperty.call(message, "digest") && message.digest.length)
                        writer.uint32(/* id 1, wireType 2 =*/10).bytes(message.digest);
                    if (message.before != null && $Object.hasOwnProperty.call(message, "before") && message.before.length)
                        writer.uint32(/* id 2, wireType 2 =*/18).bytes(message.before);
                    if (message.after != null && $Object.hasOwnProperty.call(message, "after") && message.after.length)
                        writer.uint32(/* id 3, wireType 2 =*/26).bytes(message.after);
                    if (message.nonce != null && $Object.hasOwnProperty.call(message, "nonce") && (typeof message.nonce === "object" ? message.nonce.low || message.nonce.high : message.nonce !== 0))
                        writer.uint32(/* id 4, wireType 0 =*/32).uint64(message.nonce);
                    if (message.shortIds != null && $Object.hasOwnProperty.call(message, "shortIds") && message.shortIds.length)
                        writer.uint32(/* id 5, wireType 2 =*/42).bytes(message.shortIds);
                    if (message.prefilled != null && message.prefilled.length)
                        for (let i = 0; i < message.prefilled.length; ++i)
                            $root.vibecoin.network.v1.Prefilled.encode(message.prefilled[i], writer.uint32(/* id 6, wireType 2 =*/50).fork(), _depth + 1).ldelim();
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a CompactBlock message from the specified reader or buffer.
                 * @function decode
                 * @memberof vibecoin.network.v1.CompactBlock
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {vibecoin.network.v1.CompactBlock & vibecoin.network.v1.CompactBlock.$Shape} CompactBlock
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                CompactBlock.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.vibecoin.network.v1.CompactBlock();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.bytes()).length)
                                    message.digest = value;
                                else
                                    delete message.digest;
                                continue;
                            }
                        case 2: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.bytes()).length)
                                    message.before = value;
                                else
                                    delete message.before;
                                continue;
                            }
                        case 3: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.bytes()).length)
                                    message.after = value;
                                else
                                    delete message.after;
                                continue;
                            }
                        case 4: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                    message.nonce = value;
                                else
                                    delete message.nonce;
                                continue;
                            }
                        case 5: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.bytes()).length)
                                    message.shortIds = value;
                                else
                                    delete message.shortIds;
                                continue;
                            }
                        case 6: {
                                if (wireType !== 2)
                                    break;
                                if (!(message.prefilled && message.prefilled.length))
                                    message.prefilled = [];
                                message.prefilled.push($root.vibecoin.network.v1.Prefilled.decode(reader, reader.size(), $undefined, _depth + 1));
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return CompactBlock;
            })();

            v1.Prefilled = (function() {

                /**
                 * Properties of a Prefilled.
                 * @typedef {Object} vibecoin.network.v1.Prefilled.$Properties
                 * @property {number|null} [index] Prefilled index
                 * @property {Uint8Array|null} [transaction] Prefilled transaction
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a Prefilled.
                 * @memberof vibecoin.network.v1
                 * @interface IPrefilled
                 * @augments vibecoin.network.v1.Prefilled.$Properties
                 * @deprecated Use vibecoin.network.v1.Prefilled.$Properties instead.
                 */

                /**
                 * Shape of a Prefilled.
                 * @typedef {vibecoin.network.v1.Prefilled.$Properties} vibecoin.network.v1.Prefilled.$Shape
                 */

                /**
                 * Constructs a new Prefilled.
                 * @memberof vibecoin.network.v1
                 * @classdesc Represents a Prefilled.
                 * @constructor
                 * @param {vibecoin.network.v1.Prefilled.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const Prefilled = function (properties) {
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * Prefilled index.
                 * @member {number} index
                 * @memberof vibecoin.network.v1.Prefilled
                 * @instance
                 */
                Prefilled.prototype.index = 0;

                /**
                 * Prefilled transaction.
                 * @member {Uint8Array} transaction
                 * @memberof vibecoin.network.v1.Prefilled
                 * @instance
                 */
                Prefilled.prototype.transaction = $util.newBuffer([]);

                /**
                 * Creates a new Prefilled instance using the specified properties.
                 * @function create
                 * @memberof vibecoin.network.v1.Prefilled
                 * @static
                 * @param {vibecoin.network.v1.Prefilled.$Properties=} [properties] Properties to set
                 * @returns {vibecoin.network.v1.Prefilled} Prefilled instance
                 * @type {{
                 *   (properties: vibecoin.network.v1.Prefilled.$Shape): vibecoin.network.v1.Prefilled & vibecoin.network.v1.Prefilled.$Shape;
                 *   (properties?: vibecoin.network.v1.Prefilled.$Properties): vibecoin.network.v1.Prefilled;
                 * }}
                 */
                Prefilled.create = function(properties) {
                    return new Prefilled(properties);
                };

                /**
                 * Encodes the specified Prefilled message. Does not implicitly {@link vibecoin.network.v1.Prefilled.verify|verify} messages.
                 * @function encode
                 * @memberof vibecoin.network.v1.Prefilled
                 * @static
                 * @param {vibecoin.network.v1.Prefilled.$Properties} message Prefilled message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                Prefilled.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.index != null && $Object.hasOwnProperty.call(message, "index") && message.index !== 0)
                        writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.index);
                    if (message.transaction != null && $Object.hasOwnProperty.call(message, "transaction") && message.transaction.length)
                        writer.uint32(/* id 2, wireType 2 =*/18).bytes(message.transaction);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a Prefilled message from the specified reader or buffer.
                 * @function decode
                 * @memberof vibecoin.network.v1.Prefilled
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {vibecoin.network.v1.Prefilled & vibecoin.network.v1.Prefilled.$Shape} Prefilled
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                Prefilled.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.vibecoin.network.v1.Prefilled();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.uint32())
                                    message.index = value;
                                else
                                    delete message.index;
                                continue;
                            }
                        case 2: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.bytes()).length)
                                    message.transaction = value;
                                else
                                    delete message.transaction;
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return Prefilled;
            })();

            v1.RequestTransactions = (function() {

                /**
                 * Properties of a RequestTransactions.
                 * @typedef {Object} vibecoin.network.v1.RequestTransactions.$Properties
                 * @property {Uint8Array|null} [digest] RequestTransactions digest
                 * @property {Array.<number>|null} [indexes] RequestTransactions indexes
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a RequestTransactions.
                 * @memberof vibecoin.network.v1
                 * @interface IRequestTransactions
                 * @augments vibecoin.network.v1.RequestTransactions.$Properties
                 * @deprecated Use vibecoin.network.v1.RequestTransactions.$Properties instead.
                 */

                /**
                 * Shape of a RequestTransactions.
                 * @typedef {vibecoin.network.v1.RequestTransactions.$Properties} vibecoin.network.v1.RequestTransactions.$Shape
                 */

                /**
                 * Constructs a new RequestTransactions.
                 * @memberof vibecoin.network.v1
                 * @classdesc Represents a RequestTransactions.
                 * @constructor
                 * @param {vibecoin.network.v1.RequestTransactions.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const RequestTransactions = function (properties) {
                    this.indexes = [];
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * RequestTransactions digest.
                 * @member {Uint8Array} digest
                 * @memberof vibecoin.network.v1.RequestTransactions
                 * @instance
                 */
                RequestTransactions.prototype.digest = $util.newBuffer([]);

                /**
                 * RequestTransactions indexes.
                 * @member {Array.<number>} indexes
                 * @memberof vibecoin.network.v1.RequestTransactions
                 * @instance
                 */
                RequestTransactions.prototype.indexes = $util.emptyArray;

                /**
                 * Creates a new RequestTransactions instance using the specified properties.
                 * @function create
                 * @memberof vibecoin.network.v1.RequestTransactions
                 * @static
                 * @param {vibecoin.network.v1.RequestTransactions.$Properties=} [properties] Properties to set
                 * @returns {vibecoin.network.v1.RequestTransactions} RequestTransactions instance
                 * @type {{
                 *   (properties: vibecoin.network.v1.RequestTransactions.$Shape): vibecoin.network.v1.RequestTransactions & vibecoin.network.v1.RequestTransactions.$Shape;
                 *   (properties?: vibecoin.network.v1.RequestTransactions.$Properties): vibecoin.network.v1.RequestTransactions;
                 * }}
                 */
                RequestTransactions.create = function(properties) {
                    return new RequestTransactions(properties);
                };

                /**
                 * Encodes the specified RequestTransactions message. Does not implicitly {@link vibecoin.network.v1.RequestTransactions.verify|verify} messages.
                 * @function encode
                 * @memberof vibecoin.network.v1.RequestTransactions
                 * @static
                 * @param {vibecoin.network.v1.RequestTransactions.$Properties} message RequestTransactions message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                RequestTransactions.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.digest != null && $Object.hasOwnProperty.call(message, "digest") && message.digest.length)
                        writer.uint32(/* id 1, wireType 2 =*/10).bytes(message.digest);
                    if (message.indexes != null && message.indexes.length)
                        writer.uint32(/* id 2, wireType 2 =*/18).uint32s(message.indexes);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a RequestTransactions message from the specified reader or buffer.
                 * @function decode
                 * @memberof vibecoin.network.v1.RequestTransactions
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {vibecoin.network.v1.RequestTransactions & vibecoin.network.v1.RequestTransactions.$Shape} RequestTransactions
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                RequestTransactions.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.vibecoin.network.v1.RequestTransactions();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.bytes()).length)
                                    message.digest = value;
                                else
                                    delete message.digest;
                                continue;
                            }
                        case 2: {
                                if (wireType === 2) {
                                    if (!(message.indexes && message.indexes.length))
                                        message.indexes = [];
                                    reader.uint32s(message.indexes);
                                    continue;
                                }
                                if (wireType !== 0)
                                    break;
                                if (!(message.indexes && message.indexes.length))
                                    message.indexes = [];
                                message.indexes.push(reader.uint32());
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return RequestTransactions;
            })();

            v1.ResponseTransactions = (function() {

                /**
                 * Properties of a ResponseTransactions.
                 * @typedef {Object} vibecoin.network.v1.ResponseTransactions.$Properties
                 * @property {Array.<Uint8Array>|null} [transactions] ResponseTransactions transactions
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a ResponseTransactions.
                 * @memberof vibecoin.network.v1
                 * @interface IResponseTransactions
                 * @augments vibecoin.network.v1.ResponseTransactions.$Properties
                 * @deprecated Use vibecoin.network.v1.ResponseTransactions.$Properties instead.
                 */

                /**
                 * Shape of a ResponseTransactions.
                 * @typedef {vibecoin.network.v1.ResponseTransactions.$Properties} vibecoin.network.v1.ResponseTransactions.$Shape
                 */

                /**
                 * Constructs a new ResponseTransactions.
                 * @memberof vibecoin.network.v1
                 * @classdesc Represents a ResponseTransactions.
                 * @constructor
                 * @param {vibecoin.network.v1.ResponseTransactions.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const ResponseTransactions = function (properties) {
                    this.transactions = [];
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * ResponseTransactions transactions.
                 * @member {Array.<Uint8Array>} transactions
                 * @memberof vibecoin.network.v1.ResponseTransactions
                 * @instance
                 */
                ResponseTransactions.prototype.transactions = $util.emptyArray;

                /**
                 * Creates a new ResponseTransactions instance using the specified properties.
                 * @function create
                 * @memberof vibecoin.network.v1.ResponseTransactions
                 * @static
                 * @param {vibecoin.network.v1.ResponseTransactions.$Properties=} [properties] Properties to set
                 * @returns {vibecoin.network.v1.ResponseTransactions} ResponseTransactions instance
                 * @type {{
                 *   (properties: vibecoin.network.v1.ResponseTransactions.$Shape): vibecoin.network.v1.ResponseTransactions & vibecoin.network.v1.ResponseTransactions.$Shape;
                 *   (properties?: vibecoin.network.v1.ResponseTransactions.$Properties): vibecoin.network.v1.ResponseTransactions;
                 * }}
                 */
                ResponseTransactions.create = function(properties) {
                    return new ResponseTransactions(properties);
                };

                /**
                 * Encodes the specified ResponseTransactions message. Does not implicitly {@link vibecoin.network.v1.ResponseTransactions.verify|verify} messages.
                 * @function encode
                 * @memberof vibecoin.network.v1.ResponseTransactions
                 * @static
                 * @param {vibecoin.network.v1.ResponseTransactions.$Properties} message ResponseTransactions message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                ResponseTransactions.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.transactions != null && message.transactions.length)
                        for (let i = 0; i < message.transactions.length; ++i)
                            writer.uint32(/* id 1, wireType 2 =*/10).bytes(message.transactions[i]);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a ResponseTransactions message from the specified reader or buffer.
                 * @function decode
                 * @memberof vibecoin.network.v1.ResponseTransactions
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {vibecoin.network.v1.ResponseTransactions & vibecoin.network.v1.ResponseTransactions.$Shape} ResponseTransactions
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                ResponseTransactions.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.vibecoin.network.v1.ResponseTransactions();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 2)
                                    break;
                                if (!(message.transactions && message.transactions.length))
                                    message.transactions = [];
                                message.transactions.push(reader.bytes());
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return ResponseTransactions;
            })();

            v1.RequestPeers = (function() {

                /**
                 * Properties of a RequestPeers.
                 * @typedef {Object} vibecoin.network.v1.RequestPeers.$Properties
                 * @property {number|null} [count] RequestPeers count
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a RequestPeers.
                 * @memberof vibecoin.network.v1
                 * @interface IRequestPeers
                 * @augments vibecoin.network.v1.RequestPeers.$Properties
                 * @deprecated Use vibecoin.network.v1.RequestPeers.$Properties instead.
                 */

                /**
                 * Shape of a RequestPeers.
                 * @typedef {vibecoin.network.v1.RequestPeers.$Properties} vibecoin.network.v1.RequestPeers.$Shape
                 */

                /**
                 * Constructs a new RequestPeers.
                 * @memberof vibecoin.network.v1
                 * @classdesc Represents a RequestPeers.
                 * @constructor
                 * @param {vibecoin.network.v1.RequestPeers.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const RequestPeers = function (properties) {
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * RequestPeers count.
                 * @member {number} count
                 * @memberof vibecoin.network.v1.RequestPeers
                 * @instance
                 */
                RequestPeers.prototype.count = 0;

                /**
                 * Creates a new RequestPeers instance using the specified properties.
                 * @function create
                 * @memberof vibecoin.network.v1.RequestPeers
                 * @static
                 * @param {vibecoin.network.v1.RequestPeers.$Properties=} [properties] Properties to set
                 * @returns {vibecoin.network.v1.RequestPeers} RequestPeers instance
                 * @type {{
                 *   (properties: vibecoin.network.v1.RequestPeers.$Shape): vibecoin.network.v1.RequestPeers & vibecoin.network.v1.RequestPeers.$Shape;
                 *   (properties?: vibecoin.network.v1.RequestPeers.$Properties): vibecoin.network.v1.RequestPeers;
                 * }}
                 */
                RequestPeers.create = function(properties) {
                    return new RequestPeers(properties);
                };

                /**
                 * Encodes the specified RequestPeers message. Does not implicitly {@link vibecoin.network.v1.RequestPeers.verify|verify} messages.
                 * @function encode
                 * @memberof vibecoin.network.v1.RequestPeers
                 * @static
                 * @param {vibecoin.network.v1.RequestPeers.$Properties} message RequestPeers message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                RequestPeers.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.count != null && $Object.hasOwnProperty.call(message, "count") && message.count !== 0)
                        writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.count);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a RequestPeers message from the specified reader or buffer.
                 * @function decode
                 * @memberof vibecoin.network.v1.RequestPeers
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {vibecoin.network.v1.RequestPeers & vibecoin.network.v1.RequestPeers.$Shape} RequestPeers
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                RequestPeers.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.vibecoin.network.v1.RequestPeers();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.uint32())
                                    message.count = value;
                                else
                                    delete message.count;
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return RequestPeers;
            })();

            v1.ResponsePeers = (function() {

                /**
                 * Properties of a ResponsePeers.
                 * @typedef {Object} vibecoin.network.v1.ResponsePeers.$Properties
                 * @property {Array.<vibecoin.network.v1.PeerAddress.$Properties>|null} [peers] ResponsePeers peers
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a ResponsePeers.
                 * @memberof vibecoin.network.v1
                 * @interface IResponsePeers
                 * @augments vibecoin.network.v1.ResponsePeers.$Properties
                 * @deprecated Use vibecoin.network.v1.ResponsePeers.$Properties instead.
                 */

                /**
                 * Shape of a ResponsePeers.
                 * @typedef {vibecoin.network.v1.ResponsePeers.$Properties} vibecoin.network.v1.ResponsePeers.$Shape
                 */

                /**
                 * Constructs a new ResponsePeers.
                 * @memberof vibecoin.network.v1
                 * @classdesc Represents a ResponsePeers.
                 * @constructor
                 * @param {vibecoin.network.v1.ResponsePeers.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const ResponsePeers = function (properties) {
                    this.peers = [];
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * ResponsePeers peers.
                 * @member {Array.<vibecoin.network.v1.PeerAddress.$Properties>} peers
                 * @memberof vibecoin.network.v1.ResponsePeers
                 * @instance
                 */
                ResponsePeers.prototype.peers = $util.emptyArray;

                /**
                 * Creates a new ResponsePeers instance using the specified properties.
                 * @function create
                 * @memberof vibecoin.network.v1.ResponsePeers
                 * @static
                 * @param {vibecoin.network.v1.ResponsePeers.$Properties=} [properties] Properties to set
                 * @returns {vibecoin.network.v1.ResponsePeers} ResponsePeers instance
                 * @type {{
                 *   (properties: vibecoin.network.v1.ResponsePeers.$Shape): vibecoin.network.v1.ResponsePeers & vibecoin.network.v1.ResponsePeers.$Shape;
                 *   (properties?: vibecoin.network.v1.ResponsePeers.$Properties): vibecoin.network.v1.ResponsePeers;
                 * }}
                 */
                ResponsePeers.create = function(properties) {
                    return new ResponsePeers(properties);
                };

                /**
                 * Encodes the specified ResponsePeers message. Does not implicitly {@link vibecoin.network.v1.ResponsePeers.verify|verify} messages.
                 * @function encode
                 * @memberof vibecoin.network.v1.ResponsePeers
                 * @static
                 * @param {vibecoin.network.v1.ResponsePeers.$Properties} message ResponsePeers message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                ResponsePeers.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.peers != null && message.peers.length)
                        for (let i = 0; i < message.peers.length; ++i)
                            $root.vibecoin.network.v1.PeerAddress.encode(message.peers[i], writer.uint32(/* id 1, wireType 2 =*/10).fork(), _depth + 1).ldelim();
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a ResponsePeers message from the specified reader or buffer.
                 * @function decode
                 * @memberof vibecoin.network.v1.ResponsePeers
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {vibecoin.network.v1.ResponsePeers & vibecoin.network.v1.ResponsePeers.$Shape} ResponsePeers
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                ResponsePeers.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.vibecoin.network.v1.ResponsePeers();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 2)
                                    break;
                                if (!(message.peers && message.peers.length))
                                    message.peers = [];
                                message.peers.push($root.vibecoin.network.v1.PeerAddress.decode(reader, reader.size(), $undefined, _depth + 1));
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return ResponsePeers;
            })();

            v1.PeerAddress = (function() {

                /**
                 * Properties of a PeerAddress.
                 * @typedef {Object} vibecoin.network.v1.PeerAddress.$Properties
                 * @property {Uint8Array|null} [record] PeerAddress record
                 * @property {number|null} [ageMinutes] PeerAddress ageMinutes
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a PeerAddress.
                 * @memberof vibecoin.network.v1
                 * @interface IPeerAddress
                 * @augments vibecoin.network.v1.PeerAddress.$Properties
                 * @deprecated Use vibecoin.network.v1.PeerAddress.$Properties instead.
                 */

                /**
                 * Shape of a PeerAddress.
                 * @typedef {vibecoin.network.v1.PeerAddress.$Properties} vibecoin.network.v1.PeerAddress.$Shape
                 */

                /**
                 * Constructs a new PeerAddress.
                 * @memberof vibecoin.network.v1
                 * @classdesc Represents a PeerAddress.
                 * @constructor
                 * @param {vibecoin.network.v1.PeerAddress.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const PeerAddress = function (properties) {
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * PeerAddress record.
                 * @member {Uint8Array} record
                 * @memberof vibecoin.network.v1.PeerAddress
                 * @instance
                 */
                PeerAddress.prototype.record = $util.newBuffer([]);

                /**
                 * PeerAddress ageMinutes.
                 * @member {number} ageMinutes
                 * @memberof vibecoin.network.v1.PeerAddress
                 * @instance
                 */
                PeerAddress.prototype.ageMinutes = 0;

                /**
                 * Creates a new PeerAddress instance using the specified properties.
                 * @function create
                 * @memberof vibecoin.network.v1.PeerAddress
                 * @static
                 * @param {vibecoin.network.v1.PeerAddress.$Properties=} [properties] Properties to set
                 * @returns {vibecoin.network.v1.PeerAddress} PeerAddress instance
                 * @type {{
                 *   (properties: vibecoin.network.v1.PeerAddress.$Shape): vibecoin.network.v1.PeerAddress & vibecoin.network.v1.PeerAddress.$Shape;
                 *   (properties?: vibecoin.network.v1.PeerAddress.$Properties): vibecoin.network.v1.PeerAddress;
                 * }}
                 */
                PeerAddress.create = function(properties) {
                    return new PeerAddress(properties);
                };

                /**
                 * Encodes the specified PeerAddress message. Does not implicitly {@link vibecoin.network.v1.PeerAddress.verify|verify} messages.
                 * @function encode
                 * @memberof vibecoin.network.v1.PeerAddress
                 * @static
                 * @param {vibecoin.network.v1.PeerAddress.$Properties} message PeerAddress message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                PeerAddress.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.record != null && $Object.hasOwnProperty.call(message, "record") && message.record.length)
                        writer.uint32(/* id 1, wireType 2 =*/10).bytes(message.record);
                    if (message.ageMinutes != null && $Object.hasOwnProperty.call(message, "ageMinutes") && message.ageMinutes !== 0)
                        writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.ageMinutes);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a PeerAddress message from the specified reader or buffer.
                 * @function decode
                 * @memberof vibecoin.network.v1.PeerAddress
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {vibecoin.network.v1.PeerAddress & vibecoin.network.v1.PeerAddress.$Shape} PeerAddress
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                PeerAddress.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.vibecoin.network.v1.PeerAddress();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.bytes()).length)
                                    message.record = value;
                                else
                                    delete message.record;
                                continue;
                            }
                        case 2: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.uint32())
                                    message.ageMinutes = value;
                                else
                                    delete message.ageMinutes;
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return PeerAddress;
            })();

            v1.Disconnect = (function() {

                /**
                 * Properties of a Disconnect.
                 * @typedef {Object} vibecoin.network.v1.Disconnect.$Properties
                 * @property {vibecoin.network.v1.Disconnect.Reason|null} [reason] Disconnect reason
                 * @property {string|null} [detail] Disconnect detail
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a Disconnect.
                 * @memberof vibecoin.network.v1
                 * @interface IDisconnect
                 * @augments vibecoin.network.v1.Disconnect.$Properties
                 * @deprecated Use vibecoin.network.v1.Disconnect.$Properties instead.
                 */

                /**
                 * Shape of a Disconnect.
                 * @typedef {vibecoin.network.v1.Disconnect.$Properties} vibecoin.network.v1.Disconnect.$Shape
                 */

                /**
                 * Constructs a new Disconnect.
                 * @memberof vibecoin.network.v1
                 * @classdesc Represents a Disconnect.
                 * @constructor
                 * @param {vibecoin.network.v1.Disconnect.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const Disconnect = function (properties) {
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * Disconnect reason.
                 * @member {vibecoin.network.v1.Disconnect.Reason} reason
                 * @memberof vibecoin.network.v1.Disconnect
                 * @instance
                 */
                Disconnect.prototype.reason = 0;

                /**
                 * Disconnect detail.
                 * @member {string} detail
                 * @memberof vibecoin.network.v1.Disconnect
                 * @instance
                 */
                Disconnect.prototype.detail = "";

                /**
                 * Creates a new Disconnect instance using the specified properties.
                 * @function create
                 * @memberof vibecoin.network.v1.Disconnect
                 * @static
                 * @param {vibecoin.network.v1.Disconnect.$Properties=} [properties] Properties to set
                 * @returns {vibecoin.network.v1.Disconnect} Disconnect instance
                 * @type {{
                 *   (properties: vibecoin.network.v1.Disconnect.$Shape): vibecoin.network.v1.Disconnect & vibecoin.network.v1.Disconnect.$Shape;
                 *   (properties?: vibecoin.network.v1.Disconnect.$Properties): vibecoin.network.v1.Disconnect;
                 * }}
                 */
                Disconnect.create = function(properties) {
                    return new Disconnect(properties);
                };

                /**
                 * Encodes the specified Disconnect message. Does not implicitly {@link vibecoin.network.v1.Disconnect.verify|verify} messages.
                 * @function encode
                 * @memberof vibecoin.network.v1.Disconnect
                 * @static
                 * @param {vibecoin.network.v1.Disconnect.$Properties} message Disconnect message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                Disconnect.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.reason != null && $Object.hasOwnProperty.call(message, "reason") && message.reason !== 0)
                        writer.uint32(/* id 1, wireType 0 =*/8).int32(message.reason);
                    if (message.detail != null && $Object.hasOwnProperty.call(message, "detail") && message.detail !== "")
                        writer.uint32(/* id 2, wireType 2 =*/18).string(message.detail);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a Disconnect message from the specified reader or buffer.
                 * @function decode
                 * @memberof vibecoin.network.v1.Disconnect
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {vibecoin.network.v1.Disconnect & vibecoin.network.v1.Disconnect.$Shape} Disconnect
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                Disconnect.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.vibecoin.network.v1.Disconnect();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.int32())
                                    message.reason = value;
                                else
                                    delete message.reason;
                                continue;
                            }
                        case 2: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.stringVerify()).length)
                                    message.detail = value;
                                else
                                    delete message.detail;
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                /**
                 * Reason enum.
                 * @name vibecoin.network.v1.Disconnect.Reason
                 * @enum {number}
                 * @property {number} UNSPECIFIED=0 UNSPECIFIED value
                 * @property {number} SHUTDOWN=1 SHUTDOWN value
                 * @property {number} PROTOCOL_VIOLATION=2 PROTOCOL_VIOLATION value
                 * @property {number} INCOMPATIBLE_VERSION=3 INCOMPATIBLE_VERSION value
                 * @property {number} TOO_MANY_CONNECTIONS=4 TOO_MANY_CONNECTIONS value
                 * @property {number} DUPLICATE_CONNECTION=5 DUPLICATE_CONNECTION value
                 * @property {number} TIMEOUT=6 TIMEOUT value
                 * @property {number} WRONG_NETWORK=7 WRONG_NETWORK value
                 * @property {number} BANNED=8 BANNED value
                 * @property {number} RATE_LIMITED=9 RATE_LIMITED value
                 * @property {number} TOO_SLOW=10 TOO_SLOW value
                 * @property {number} WRONG_FORK=11 WRONG_FORK value
                 */
                Disconnect.Reason = (function() {
                    const valuesById = $Object.create(null), values = $Object.create(valuesById);
                    values[valuesById[0] = "UNSPECIFIED"] = 0;
                    values[valuesById[1] = "SHUTDOWN"] = 1;
                    values[valuesById[2] = "PROTOCOL_VIOLATION"] = 2;
                    values[valuesById[3] = "INCOMPATIBLE_VERSION"] = 3;
                    values[valuesById[4] = "TOO_MANY_CONNECTIONS"] = 4;
                    values[valuesById[5] = "DUPLICATE_CONNECTION"] = 5;
                    values[valuesById[6] = "TIMEOUT"] = 6;
                    values[valuesById[7] = "WRONG_NETWORK"] = 7;
                    values[valuesById[8] = "BANNED"] = 8;
                    values[valuesById[9] = "RATE_LIMITED"] = 9;
                    values[valuesById[10] = "TOO_SLOW"] = 10;
                    values[valuesById[11] = "WRONG_FORK"] = 11;
                    return values;
                })();

                return Disconnect;
            })();

            return v1;
        })();

        return network;
    })();

    return vibecoin;
})();

export {
  $root as default
};

/** One field of a message: a number for varints, bytes for everything else. */
export interface ProtobufField {
  readonly number: number;
  readonly value: bigint | Uint8Array;
}

const VARINT = 0;
const FIXED_64 = 1;
const LENGTH_DELIMITED = 2;
const FIXED_32 = 5;

/**
 * The fields of one message, in the order of the wire: https://protobuf.dev/programming-guides/encoding/
 * @throws {RangeError} the bytes are no protobuf message
 */
export function* protobufFields(bytes: Uint8Array): Iterable<ProtobufField> {
  let offset = 0;
  const take = (length: number): Uint8Array => {
    if (offset + length > bytes.length) throw new RangeError('the message ends too early');
    offset += length;
    return bytes.subarray(offset - length, offset);
  };
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = take(1)[0]!;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (offset < bytes.length) {
    const tag = varint();
    const number = Number(tag >> 3n);
    const wireType = Number(tag & 7n);
    if (wireType === VARINT) yield { number, value: varint() };
    else if (wireType === FIXED_64) yield { number, value: take(8) };
    else if (wireType === LENGTH_DELIMITED) yield { number, value: take(Number(varint())) };
    else if (wireType === FIXED_32) yield { number, value: take(4) };
    else throw new RangeError(`there is no wire type ${wireType}`);
  }
}

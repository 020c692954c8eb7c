/**
 * Bytes as grpc-js takes them.
 */

/** grpc-js takes nothing but a Buffer. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

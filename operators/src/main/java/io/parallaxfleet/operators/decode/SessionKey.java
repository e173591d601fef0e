package io.parallaxfleet.operators.decode;

import java.nio.charset.StandardCharsets;

/** Finds the key in the bytes of a record that was taken before: the first field and the fourth. */
final class SessionKey {
    private SessionKey() {}

    static String of(byte[] record, int start) {
        int device = start + lengthBytes(record, start);
        int deviceLength = length(record, start);
        int deviceClass = device + deviceLength;
        // A byte says whether it is simulated.
        int session = deviceClass + lengthBytes(record, deviceClass) + length(record, deviceClass) + 1;
        int sessionLength = length(record, session);
        byte[] key = new byte[deviceLength + 1 + sessionLength];
        System.arraycopy(record, device, key, 0, deviceLength);
        key[deviceLength] = '/';
        System.arraycopy(record, session + lengthBytes(record, session), key, deviceLength + 1, sessionLength);
        return new String(key, StandardCharsets.UTF_8);
    }

    // Avro's zigzag of a length, which is not negative.
    private static int length(byte[] record, int at) {
        int zigzag = 0;
        int position = at;
        for (int shift = 0; ; shift += 7) {
            byte part = record[position++];
            zigzag |= (part & 0x7f) << shift;
            if (part >= 0) {
                return zigzag >>> 1;
            }
        }
    }

    private static int lengthBytes(byte[] record, int at) {
        int bytes = 1;
        while (record[at + bytes - 1] < 0) {
            bytes++;
        }
        return bytes;
    }
}

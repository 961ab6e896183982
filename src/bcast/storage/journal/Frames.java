package bcast.storage.journal;

import bcast.data.Data;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * The frames of a journal's file, as the package describes them. As the head has its own checksum,
 * a damaged record does not affect the next one. Since the salt is secret, no client can post a
 * record that contains a sound head.
 */
final class Frames {

    /** Bytes before each record. */
    static final int HEAD_BYTES = 12;

    /** Longest frame in bytes. */
    static final int MAX_BYTES = HEAD_BYTES + Data.MAX_WIRE_BYTES;

    private static final int CHECKED_BYTES = 8;

    private Frames() {}

    static int length(Data data) {
        return HEAD_BYTES + data.wireLength();
    }

    /** Writes one record; the target must have room for {@link #length}. */
    static void write(Data data, long salt, ByteBuffer target) {
        int head = target.position();
        target.position(head + HEAD_BYTES);
        data.toWire(0, target);
        int end = target.position();
        int length = end - head - HEAD_BYTES;
        target.putInt(head, length);
        target.putInt(head + 4, check(target.array(), head + HEAD_BYTES, length));
        target.putInt(head + CHECKED_BYTES, headCheck(target.array(), head, salt));
    }

    private static int check(byte[] bytes, int at, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, at, length);
        return (int) crc.getValue();
    }

    private static int headCheck(byte[] bytes, int at, long salt) {
        CRC32C crc = new CRC32C();
        crc.update(ByteBuffer.allocate(Long.BYTES).putLong(0, salt));
        crc.update(bytes, at, CHECKED_BYTES);
        return (int) crc.getValue();
    }

    /** Whether a frame may begin there; the buffer must have {@link #HEAD_BYTES} from there. */
    static boolean soundHead(ByteBuffer file, int at, long salt) {
        int length = file.getInt(at);
        return length > Long.BYTES && length <= Data.MAX_WIRE_BYTES
                && file.getInt(at + CHECKED_BYTES) == headCheck(file.array(), at, salt);
    }

    /** The record after a sound head, or null if it is damaged. */
    static Data record(ByteBuffer file, int head) {
        int at = head + HEAD_BYTES;
        int length = file.getInt(head);
        if (check(file.array(), at, length) != file.getInt(head + 4)) {
            return null;
        }
        byte[] body = new byte[length - Long.BYTES];
        file.get(at + Long.BYTES, body);
        try {
            return Data.fromWire(file.getLong(at), body);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}

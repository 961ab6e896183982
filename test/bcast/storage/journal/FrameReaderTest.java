package bcast.storage.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.data.Data;
import bcast.testing.News;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class FrameReaderTest {

    private static final long SALT = 7;

    private final FrameReader reader = new FrameReader();
    private final List<Data> read = new ArrayList<>();

    private static byte[] frames(List<Data> records) {
        ByteBuffer all = ByteBuffer.allocate(records.stream().mapToInt(Frames::length).sum());
        records.forEach(each -> Frames.write(each, SALT, all));
        return all.array();
    }

    private static List<Data> records(int count, int rawLength) {
        List<Data> records = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            records.add(News.data("id" + i, "x".repeat(rawLength - i), 1_000 + i));
        }
        return records;
    }

    @Test
    void recordsThatLieAcrossTheBufferAreRead() throws IOException {
        List<Data> records = records(5, Data.MAX_RAW_BYTES);
        byte[] bytes = frames(records);
        assertEquals(new FrameReader.Content(5, 0, bytes.length, bytes.length, 1_004),
                reader.read(new ByteArrayInputStream(bytes), SALT, read::add));
        assertTrue(read.equals(records), "what was written");
    }

    @Test
    void everyPlaceWhereTheBufferMayEndIsRight() throws IOException {
        List<Data> records = records(3, 40);
        byte[] bytes = frames(records);
        int around = 2 * bytes.length;
        for (int garbage = FrameReader.BUFFER_BYTES - around; garbage < FrameReader.BUFFER_BYTES
                + around; garbage++) {
            read.clear();
            InputStream file = new SequenceInputStream(
                    new ByteArrayInputStream(new byte[garbage]), new ByteArrayInputStream(bytes));
            assertEquals(new FrameReader.Content(3, 1, garbage + bytes.length,
                    garbage + bytes.length, 1_002), reader.read(file, SALT, read::add));
            assertEquals(records, read);
        }
    }

    @Test
    void aFileThatFailsHalfWayGivesWhatCameBefore() {
        List<Data> records = records(3, Data.MAX_RAW_BYTES);
        InputStream bad = new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("a bad block");
            }
        };
        assertThrows(IOException.class, () -> reader.read(new SequenceInputStream(
                new ByteArrayInputStream(frames(records)), bad), SALT, read::add));
        assertTrue(read.equals(records), read.size() + " records");
    }
}

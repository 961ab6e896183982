package bcast.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.testing.News;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Records packed into one array, and what is written of them without an object each. */
final class PackedDataTest {

    private static final int BEFORE = 5;

    /** Runs of equal timestamps, of every length. */
    private static List<Data> records() {
        List<Data> records = new ArrayList<>();
        records.add(News.data("first", "raw", 0));
        for (long power = 1; power <= Data.MAX_TIMESTAMP; power *= 10) {
            for (long timestamp : new long[] {power - 1, power, power, 10 * power - 1, power}) {
                records.add(News.data("id\"" + records.size(), "r".repeat(1 + records.size()),
                        timestamp));
            }
        }
        return records;
    }

    @Test
    void isWhatWasPackedAndWritesTheSameJson() {
        PackedData view = new PackedData();
        for (Data data : records()) {
            byte[] packed = new byte[BEFORE + PackedData.length(data) + 1];
            PackedData.pack(data, packed, BEFORE);
            assertEquals(0, packed[BEFORE + PackedData.length(data)]);
            assertEquals(data, PackedData.unpack(packed, BEFORE));
            view.set(packed, BEFORE);
            assertEquals(data.jsonLength(), view.jsonLength());
            byte[] json = new byte[BEFORE + data.jsonLength() + 1];
            assertEquals(json.length - 1, view.json(json, BEFORE));
            assertEquals(data.toString(), new String(json, BEFORE, data.jsonLength(),
                    StandardCharsets.UTF_8));
            assertEquals(0, json[json.length - 1]);
        }
    }

    @Test
    void slicesOfAnySizeMakeTheSameJson() {
        for (Data data : records()) {
            PackedData view = new PackedData();
            byte[] packed = new byte[PackedData.length(data)];
            PackedData.pack(data, packed, 0);
            view.set(packed, 0);
            byte[] json = data.json();
            int most = Math.min(json.length, 80);
            for (int size = 1; size <= most + 1; size++) {
                byte[] slice = new byte[size];
                int from = 0;
                while (from < json.length) {
                    int expected = Math.min(size, json.length - from);
                    assertEquals(expected, view.json(from, slice, 0));
                    assertTrue(Arrays.equals(json, from, from + expected, slice, 0, expected));
                    Arrays.fill(slice, (byte) 0);
                    assertEquals(expected, data.json(from, slice, 0));
                    assertTrue(Arrays.equals(json, from, from + expected, slice, 0, expected));
                    from += expected;
                }
                assertEquals(0, data.json(json.length, slice, 0));
            }
        }
    }

    @Test
    void aCursorGoesOverObjectsAsWell() {
        List<Data> records = records();
        JsonCursor cursor = JsonCursor.of(records);
        for (Data data : records) {
            assertTrue(cursor.next());
            byte[] json = new byte[cursor.length()];
            assertEquals(json.length, cursor.write(json, 0));
            assertTrue(Arrays.equals(data.json(), json));
        }
        assertFalse(cursor.next());
    }
}

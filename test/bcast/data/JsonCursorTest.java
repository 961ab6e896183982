package bcast.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.testing.News;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Records written as JSON in parts of any size. */
final class JsonCursorTest {

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
    void slicesOfAnySizeMakeTheSameJson() {
        for (Data data : records()) {
            byte[] json = data.json();
            int most = Math.min(json.length, 80);
            for (int size = 1; size <= most + 1; size++) {
                byte[] slice = new byte[size];
                int from = 0;
                while (from < json.length) {
                    int expected = Math.min(size, json.length - from);
                    assertEquals(expected, data.json(from, slice, 0));
                    assertTrue(Arrays.equals(json, from, from + expected, slice, 0, expected));
                    from += expected;
                }
                assertEquals(0, data.json(json.length, slice, 0));
            }
        }
    }

    @Test
    void aCursorGoesOverAllOfThem() {
        List<Data> records = records();
        JsonCursor cursor = JsonCursor.of(records);
        for (Data data : records) {
            assertTrue(cursor.next());
            byte[] json = new byte[cursor.length()];
            assertEquals(json.length, cursor.write(0, json, 0));
            assertTrue(Arrays.equals(data.json(), json));
        }
        assertFalse(cursor.next());
    }
}

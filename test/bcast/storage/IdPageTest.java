package bcast.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.data.Data;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Finds records by their ids, however their hashes collide. */
final class IdPageTest {

    private static final int RECORDS = 300;

    private final Chunks chunks = new Chunks(new Spare());
    private final IdPage page = new IdPage();
    private final int chunk = chunks.add(Chunks.MAX_BYTES);
    private final Map<String, Integer> held = new HashMap<>();
    private int filled;

    private int write(String id) {
        Data data = Data.of(id, "raw" + filled, "s", filled);
        int handle = chunks.write(chunk, filled, data);
        filled += Chunks.entryBytes(data);
        return handle;
    }

    /** Few different ones, so that most collide; some at the end of the table, some all bits. */
    private static int tag(String id) {
        int[] tags = {0, 1, 7, 15, 63, -1, 1 << 31};
        return tags[Math.floorMod(id.hashCode(), tags.length)];
    }

    private void check(String id) {
        int handle = page.find(Data.of(id, "r", "s", 0), tag(id), chunks);
        assertEquals(held.getOrDefault(id, Chunks.NONE), handle, id);
    }

    @Test
    void agreesWithAMapWhateverIsAddedReplacedAndRemoved() {
        Random random = new Random(5);
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < RECORDS; i++) {
            ids.add("id" + i);
        }
        for (int step = 0; step < 5_000; step++) {
            String id = ids.get(random.nextInt(RECORDS));
            // Grows at first, then shrinks to nothing.
            boolean remove = random.nextInt(5_000) < step;
            Integer old = held.get(id);
            if (remove && old != null) {
                assertTrue(page.remove(tag(id), old));
                assertFalse(page.remove(tag(id), old));
                held.remove(id);
            } else if (!remove && old != null) {
                int fresh = write(id);
                page.replace(tag(id), old, fresh);
                held.put(id, fresh);
                assertFalse(page.remove(tag(id), old), "it was replaced");
            } else if (!remove) {
                int fresh = write(id);
                page.add(tag(id), fresh);
                held.put(id, fresh);
            }
            check(id);
            if (step % 100 == 0) {
                ids.forEach(this::check);
            }
        }
        for (String id : List.copyOf(held.keySet())) {
            assertTrue(page.remove(tag(id), held.remove(id)));
            ids.forEach(this::check);
        }
    }
}

package bcast.cluster.gossip.repair;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.cluster.gossip.OneNode;
import bcast.data.Data;
import bcast.data.Hash128;
import bcast.storage.Position;
import bcast.testing.News;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Hashes of two stores compared page by page. */
final class BucketWalkTest extends OneNode {

    private final long bucket = NOW / view.bucketMs();
    private final BucketWalk walk = new BucketWalk(view, NOW - 10_000, List.of(bucket));
    private final List<Hash128> missing = new ArrayList<>();
    private final List<Hash128> extra = new ArrayList<>();

    private boolean page(Position next, Data... theirs) {
        List<Hash128> keys = new ArrayList<>();
        for (Data data : theirs) {
            keys.add(view.hash(data));
        }
        return walk.compare(new RepairMessage.Hashes(keys, Optional.ofNullable(next)), key -> true,
                missing, extra);
    }

    @Test
    void tellsWhatEitherSideLacksPageByPage() {
        Data both = News.data("a", "raw", NOW - 5);
        Data ours = News.data("b", "raw", NOW - 3);
        Data theirs = News.data("c", "raw", NOW - 1);
        store.merge(both);
        store.merge(ours);
        assertEquals(new Position(NOW - 10_000, ""), walk.ask().orElseThrow().after());
        assertTrue(page(Position.after(both), both));
        assertEquals(List.of(), extra, "what follows comes on the next page");
        assertEquals(Position.after(both), walk.ask().orElseThrow().after());
        assertTrue(page(null, theirs));
        assertEquals(List.of(view.hash(theirs)), missing);
        assertEquals(List.of(view.hash(ours)), extra);
        assertEquals(Optional.empty(), walk.ask());
    }

    @Test
    void aCursorThatDoesNotAdvanceOrLeavesTheBucketIsALie() {
        walk.ask();
        assertFalse(page(new Position(NOW - 10_000, "")));
        assertFalse(page(new Position((bucket + 1) * view.bucketMs(), "")));
        assertTrue(page(new Position((bucket + 1) * view.bucketMs() - 1, "id")));
    }
}

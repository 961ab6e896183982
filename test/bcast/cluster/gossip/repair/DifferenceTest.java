package bcast.cluster.gossip.repair;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.data.Hash128;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class DifferenceTest {

    private final Difference difference = new Difference();

    private static List<Hash128> hashes(int from, int to) {
        List<Hash128> hashes = new ArrayList<>();
        for (int i = from; i < to; i++) {
            hashes.add(new Hash128(i, i));
        }
        return hashes;
    }

    @Test
    void recordsThatThePeerDidNotLookUpAreAskedForAgain() {
        difference.missing().addAll(hashes(0, 1_001));
        assertEquals(hashes(0, 1_000), difference.ask());
        difference.served(998);
        assertEquals(hashes(998, 1_001), difference.ask());
        difference.served(3);
        assertEquals(0, difference.size());
    }

    @Test
    void aPeerThatServesNothingIsNotAskedForEver() {
        difference.missing().addAll(hashes(0, 2));
        difference.ask();
        difference.served(0);
        assertTrue(difference.missing().isEmpty());
    }

    @Test
    void placesAscendWithinTheOffer() {
        difference.extra().addAll(hashes(0, 3));
        assertEquals(hashes(0, 3), difference.offer());
        assertEquals(Optional.of(List.of(new Hash128(0, 0), new Hash128(2, 2))),
                difference.offered(List.of(0, 2)));
        assertEquals(Optional.empty(), difference.offered(List.of(1, 1)));
        assertEquals(Optional.empty(), difference.offered(List.of(3)));
        assertEquals(Optional.empty(), difference.offered(List.of(-1)));
    }
}

package bcast.bench.speed;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.bench.speed.Figure.Target;
import bcast.testing.Json;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class FigureTest {

    private static final double[] NO_FLOOR = {};

    private static Figure value(Target target, double... ours) {
        return new Figure("17", "part", "name", "1/s", ours, NO_FLOOR, ours, target);
    }

    @Test
    void theMedianIsTheMiddleOrBetweenTheTwoInTheMiddle() {
        assertEquals(7, Figure.median(new double[] {7}));
        assertEquals(3, Figure.median(new double[] {9, 1, 3}));
        assertEquals(2.5, Figure.median(new double[] {4, 1, 100, 1}));
        double[] asMeasured = {3, 1, 2};
        Figure.median(asMeasured);
        assertArrayEquals(new double[] {3, 1, 2}, asMeasured);
    }

    @Test
    void theSpreadIsTheLargestDistanceFromTheMedian() {
        assertEquals(0, value(Target.NONE, 5).spread());
        assertEquals(0.1, value(Target.NONE, 10, 11, 9.5).spread());
        assertEquals(0.5, value(Target.NONE, 10, 11, 5).spread());
        assertEquals(0, value(Target.NONE, 0, 0, 0).spread());
        assertEquals(1, value(Target.NONE, 0, 0, 3).spread());
    }

    @Test
    void aMedianAtTheTargetPasses() {
        assertEquals("pass", value(Target.atLeast(10), 10).verdict());
        assertEquals("MISSED", value(Target.atLeast(10), 9.99).verdict());
        assertEquals("pass", value(Target.atMost(10), 10).verdict());
        assertEquals("MISSED", value(Target.atMost(10), 10.01).verdict());
        assertEquals("", value(Target.NONE, 10).verdict());
        assertEquals("", value(Target.NONE, 1, 10, 100).verdict());
    }

    @Test
    void beyondFifteenPercentItIsNoisyWhateverTheMedian() {
        assertEquals("pass", value(Target.atLeast(1), 1, 1, 1.15).verdict());
        assertEquals("pass", value(Target.atLeast(1), 1, 1, 0.85).verdict());
        assertEquals("MISSED", value(Target.atLeast(2), 1, 1, 0.85).verdict());
        assertEquals("noisy: 3 of 3 pass", value(Target.atLeast(1), 1, 1, 1.151).verdict());
        assertEquals("noisy: 2 of 3 pass", value(Target.atLeast(1), 1, 1, 0.849).verdict());
        assertEquals("noisy: 0 of 3 pass", value(Target.atLeast(2), 1, 1, 0.849).verdict());
    }

    @Test
    void ofPairsTheRatiosAreJudged() {
        Figures figures = new Figures();
        figures.begin("17", "part", "none");
        Figure figure = figures.ratio("name", "ms", new double[] {30, 10, 20},
                new double[] {10, 10, 10}, Target.atMost(2));
        assertArrayEquals(new double[] {3, 1, 2}, figure.judged());
        assertEquals(2, figure.median());
        assertTrue(figure.isRatio());
        assertFalse(figures.value("name", "ms", Target.NONE, 1).isRatio());
        assertTrue(figures.met());
        figures.value("name", "ms", Target.atMost(1), 2);
        assertFalse(figures.met());
    }

    @Test
    void jsonKeepsAllThatIsJudged() {
        Figure ratio = new Figure("17.0.15", "posts", "p99 at the floor's rate", "ms",
                new double[] {1.0 / 3, 123_456.7, 1e-7}, new double[] {1, 2, 3},
                new double[] {0.333333, 61_728.4, 2e9 / 3}, Target.atMost(1.5));
        for (Figure figure : List.of(ratio, value(Target.atLeast(400_000), 500_000.4, 0),
                value(Target.NONE, 0))) {
            Map<?, ?> json = (Map<?, ?>) Json.parse(figure.json());
            Figure read = Figure.from(json);
            assertArrayEquals(figure.judged(), read.judged());
            assertArrayEquals(figure.ours(), read.ours());
            assertArrayEquals(figure.floor(), read.floor());
            assertEquals(figure.target(), read.target());
            assertEquals(figure.json(), read.json());
            assertEquals(figure.toString(), read.toString());
            assertEquals(figure.verdict(), json.get("verdict"));
            assertEquals(figure.spread(), json.get("spread"));
        }
    }
}

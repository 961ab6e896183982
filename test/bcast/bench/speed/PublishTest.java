package bcast.bench.speed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import bcast.bench.speed.Figure.Target;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;

final class PublishTest {

    private static final double[] FLOOR = {100, 100, 100};

    private static Figure ratio(String jdk, String name, Target target, double... ratios) {
        return new Figure(jdk, "part", name, "ms", FLOOR, FLOOR, ratios, target);
    }

    private static Figure value(String jdk, String name, double... ours) {
        return new Figure(jdk, "part", name, "1/s", ours, new double[0], ours,
                Target.atLeast(400_000));
    }

    private static Results results(Figure... figures) {
        return Results.parse("{\"seconds\": 1800, \"machine\": \"2 cores\", \"figures\": ["
                + Stream.of(figures).map(Figure::json).collect(Collectors.joining(",")) + "]}");
    }

    private static final Results RUN = results(
            ratio("17", "batch of 100,000, warm", Target.atLeast(0.5), 0.7, 0.71, 0.69),
            value("17", "batch of 100,000, warm", 500_000),
            ratio("17", "a < b & c", Target.NONE, 1, 1, 1),
            ratio("17", "another", Target.atMost(1.5), 1.4, 1.6, 40),
            ratio("25", "batch of 100,000, warm", Target.atLeast(0.4), 0.3, 0.3, 0.3));

    @Test
    void aRowHasTheFigureOfEachJdk() {
        assertEquals(List.of("17", "25"), RUN.jdks());
        assertEquals(List.of(2, 1, 1, 1), RUN.rows().stream().map(row -> row.byJdk().size())
                .toList());
    }

    @Test
    void theSmallTableHasMediansAndVerdicts() {
        assertEquals("""
                | figure | unit | JDK 17 | verdict | JDK 25 | verdict |
                | --- | --- | --- | --- | --- | --- |
                | batch of 100,000, warm | ratio | 0.70 ±1.4 % (≥ 0.50) | pass \
                | 0.30 ±0.0 % (≥ 0.40) | MISSED |
                | batch of 100,000, warm | 1/s | 500,000 (≥ 400,000) | pass |  |  |

                On 2 cores; the whole run took 30 minutes.
                """, Publish.markdown(RUN));
    }

    @Test
    void aRunWithoutAPartIsNotPublished() {
        List<String> missing = Publish.missing(RUN);
        assertTrue(missing.contains("posts, 32 connections ratio on JDK 17"), missing::toString);
        assertTrue(missing.contains("batch of 100,000, warm 1/s on JDK 25"), missing::toString);
        assertFalse(missing.contains("batch of 100,000, warm ratio on JDK 25"), missing::toString);
    }

    private static Document xml(String text) throws Exception {
        return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(
                new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void thePlotShowsAllRatiosThatHaveTargets() throws Exception {
        String svg = Plot.svg(RUN);
        Document plot = xml(svg);
        // Two in the legend, three figures, and one of them is noisy.
        assertEquals(5, plot.getElementsByTagName("circle").getLength());
        assertEquals(1, svg.split("fill=\"none\"", -1).length - 1);
        assertFalse(svg.contains("a &lt; b"));
        assertFalse(svg.contains("500,000"));
        xml(Plot.svg(results(ratio("17", "a < b & c", Target.atMost(1), 1, 1, 1))));
        xml(Plot.svg(results()));
    }

    @Test
    void onlyWhatIsBetweenTheMarksChanges() {
        String readme = "before\n" + Publish.BEGIN + "\nold\n" + Publish.END + "\nafter\n";
        String once = Publish.spliced(readme, "new\n");
        assertEquals(readme.replace("old", "new"), once);
        assertEquals(once, Publish.spliced(once, "new\n"));
        assertThrows(IllegalArgumentException.class, () -> Publish.spliced("before\n", "new\n"));
    }

    @Test
    void thePageHasAPlaceForThem() throws Exception {
        assertTrue(Publish.spliced(Files.readString(Publish.PAGE), "\nfigures\n\n")
                .contains("\nfigures\n\n"));
    }
}

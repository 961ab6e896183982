package bcast.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** Holds what the store counts against real heaps: fills a store in one and looks. */
final class MemoryTest {

    private static final double TOLERANCE = 0.1;

    /** Records of many lengths, of which each takes regions of its own in some heap. */
    private static final List<String> LENGTHS = List.of("100", "10000", "600000", "2200000",
            "4200000");

    private static void check(String maxHeap) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                System.getProperty("java.home") + File.separator + "bin" + File.separator + "java",
                "-XX:+UseG1GC", "-Xmx" + maxHeap, "-cp",
                "build/classes" + File.pathSeparator + "build/test-classes",
                HeapOfRecords.class.getName()));
        command.addAll(LENGTHS);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(),
                StandardCharsets.UTF_8);
        process.waitFor();
        Assumptions.assumeFalse(output.contains("Could not reserve enough space"), output);
        assertEquals(0, process.exitValue(), output);
        System.out.print("heap of " + maxHeap + ": length, records, bytes taken, bytes counted\n"
                + output);
        assertEquals(LENGTHS.size(), output.lines().count(), output);
        output.lines().forEach(line -> {
            long[] figures = Stream.of(line.split(" ")).mapToLong(Long::parseLong).toArray();
            assertTrue(figures[1] > 1, line);
            assertEquals(1, (double) figures[2] / figures[3], TOLERANCE, line);
        });
    }

    @Test
    void theBudgetIsKeptInASmallHeap() throws Exception {
        check("256m");
    }

    @Test
    void theBudgetIsKeptWhereRegionsHave2Mib() throws Exception {
        check("4g");
    }

    @Test
    void theBudgetIsKeptWhereRegionsHave4Mib() throws Exception {
        check("8g");
    }

    @Test
    void theBudgetIsKeptWhereReferencesHaveEightBytes() throws Exception {
        check("32g");
    }
}

package bcast.bench.speed;

import bcast.bench.speed.Figure.Target;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What it costs to make two stores of a million records equal; see {@code RepairBench}. */
final class Repair implements Part {

    private static final int RECORDS = 1_000_000;
    private static final Pattern ROW =
            Pattern.compile("^(.{28}) +(\\d+) +(\\d+) +(\\d+)  large.*");
    private static final Map<String, Double> MOST_BYTES = new LinkedHashMap<>();

    static {
        MOST_BYTES.put("none", 100.0);
        MOST_BYTES.put("1", 2 * 1_024.0);
        MOST_BYTES.put("100 over 24 h", 8 * 1_024.0);
        MOST_BYTES.put("10,000 over 24 h", 600 * 1_024.0);
        MOST_BYTES.put("10,000 in one bucket", 600 * 1_024.0);
    }

    @Override
    public String warmUp() {
        return "none: each comparison is the first of its stores, all in one process in turn";
    }

    @Override
    public void run(Jdk jdk, Figures figures) throws Exception {
        List<String> command = new ArrayList<>(jdk.floor("bcast.bench.RepairBench"));
        command.add(1, "-Xmx8g");
        command.add("" + RECORDS);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        Map<String, double[]> rows = new LinkedHashMap<>();
        try (BufferedReader out = new BufferedReader(new InputStreamReader(
                process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                System.out.println("  " + line);
                Matcher row = ROW.matcher(line);
                if (row.matches()) {
                    rows.putIfAbsent(row.group(1).trim(), new double[] {
                        Double.parseDouble(row.group(2)), Double.parseDouble(row.group(4))});
                }
            }
        }
        if (process.waitFor() != 0) {
            throw new AssertionError("the comparison of stores failed");
        }
        MOST_BYTES.forEach((name, most) -> figures.value("difference " + name, "B",
                Target.atMost(most), rows.get(name)[0]));
        figures.value("newcomer", "1/s", Target.atLeast(200_000),
                RECORDS / (rows.get("newcomer")[1] / 1_000));
    }
}

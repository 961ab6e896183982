package bcast.bench.speed;

import bcast.bench.speed.Figure.Target;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a bucket of a million records costs that are kept in order; see {@code OrderBench}. */
final class Order implements Part {

    private static final double MOST = 0.2;
    private static final Pattern ROW =
            Pattern.compile("^(\\d+) +(\\S.*\\S) +(\\d+\\.\\d+) +(\\d+\\.\\d+)$");
    private static final int JUDGED = 1_000_000;

    @Override
    public String warmUp() {
        return "10,000 records, five times";
    }

    @Override
    public void run(Jdk jdk, Figures figures) throws Exception {
        Process process = new ProcessBuilder(jdk.floor("bcast.storage.OrderBench"))
                .redirectErrorStream(true).start();
        try (BufferedReader out = new BufferedReader(new InputStreamReader(
                process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                System.out.println("  " + line);
                Matcher row = ROW.matcher(line);
                if (row.matches() && Integer.parseInt(row.group(1)) == JUDGED) {
                    boolean appended = row.group(2).startsWith("add all");
                    figures.ratio(row.group(2) + ", against a sort at each read", "ms",
                            new double[] {Double.parseDouble(row.group(4))},
                            new double[] {Double.parseDouble(row.group(3))},
                            appended ? Target.NONE : Target.atMost(MOST));
                }
            }
        }
        if (process.waitFor() != 0) {
            throw new AssertionError("the measurement of the order failed");
        }
    }
}

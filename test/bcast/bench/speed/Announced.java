package bcast.bench.speed;

import bcast.bench.speed.Figure.Target;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How long peers that announce a burst of records keep a node busy; see {@code AnnounceBench}. */
final class Announced implements Part {

    private static final double MOST_MS = 250;
    private static final Pattern ROW = Pattern.compile("^(\\d+) +(\\d+) +(\\d+)$");

    @Override
    public String warmUp() {
        return "none";
    }

    @Override
    public void run(Jdk jdk, Figures figures) throws Exception {
        List<String> command = new ArrayList<>(jdk.floor("bcast.bench.AnnounceBench"));
        command.addAll(List.of("750", "4"));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        int rows = 0;
        try (BufferedReader out = new BufferedReader(new InputStreamReader(
                process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                System.out.println("  " + line);
                Matcher row = ROW.matcher(line);
                if (row.matches()) {
                    rows++;
                    figures.value("200,000 records of " + row.group(1)
                            + " ms announced by 7 peers, longest pause", "ms",
                            Target.atMost(MOST_MS), Double.parseDouble(row.group(2)));
                }
            }
        }
        if (process.waitFor() != 0 || rows != 2) {
            throw new AssertionError("the measurement of announcements failed");
        }
    }
}

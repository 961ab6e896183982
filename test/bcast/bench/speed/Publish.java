package bcast.bench.speed;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Makes what people read of a run, from its JSON alone. As a program it puts the last run's table
 * and plot into the page on speed.
 */
final class Publish {

    static final String BEGIN = "<!-- written by make figures -->";
    static final String END = "<!-- end -->";

    private static final Path TABLE = Figures.JSON.resolveSibling("bench.md");
    private static final Path PLOT = Figures.JSON.resolveSibling("bench.svg");
    static final Path PAGE = Path.of(".github", "speed.md");
    private static final Path SHOWN = Path.of(".github", "speed.svg");

    /** What the small table tells: name and unit of figures of every part. */
    private static final List<List<String>> SMALL = List.of(
            List.of("posts, 32 connections", "ratio"),
            List.of("posts, p99 at half the floor's rate", "ratio"),
            List.of("batch of 100,000, warm", "ratio"),
            List.of("batch of 100,000, warm", "1/s"),
            List.of("batch of 100,000, first request of all", "1/s"),
            List.of("list of 100,000, unchanged", "ratio"),
            List.of("list of 100,000 under 1,000 posts/s", "ratio"),
            List.of("delay to the last node, median", "ms"),
            List.of("delay to the last node, p99", "ms"),
            List.of("posts held by all within 1 s", "1/s"),
            List.of("records in batches held by all within 1 s", "1/s"),
            List.of("newcomer", "1/s"),
            List.of("heap a byte of record", ""),
            List.of("start of the jar to the first 200", "ratio"),
            List.of("start of the image to the first 200", "ratio"),
            List.of("post, 1,000,000 held / 10,000", "ratio"));

    private Publish() {}

    public static void main(String[] args) throws IOException {
        Results results = Results.read(Figures.JSON);
        List<String> missing = missing(results);
        if (!missing.isEmpty()) {
            System.err.println(Figures.JSON + " lacks " + missing.get(0) + " and "
                    + (missing.size() - 1) + " more; make bench without PART measures all");
            System.exit(1);
        }
        write(results);
        Files.writeString(PAGE, spliced(Files.readString(PAGE), Files.readString(TABLE) + "\n"
                + "![Median and range of each ratio, against its target](speed.svg)\n"),
                StandardCharsets.UTF_8);
        Files.copy(PLOT, SHOWN, StandardCopyOption.REPLACE_EXISTING);
        System.out.println("written to " + PAGE + " and " + SHOWN);
    }

    /** Prints the last run's table, and writes the small one and the plot. */
    static void report() throws IOException {
        Results results = Results.read(Figures.JSON);
        System.out.print("\n" + aligned(table(results, results.rows())));
        write(results);
        System.out.printf(Locale.ROOT, "%.0f s, written to %s, %s and %s%n", results.seconds(),
                Figures.JSON, TABLE.getFileName(), PLOT.getFileName());
    }

    private static void write(Results results) throws IOException {
        Files.writeString(TABLE, markdown(results), StandardCharsets.UTF_8);
        Files.writeString(PLOT, Plot.svg(results), StandardCharsets.UTF_8);
    }

    /** What the small table would lack. */
    static List<String> missing(Results results) {
        List<String> missing = new ArrayList<>();
        for (List<String> wanted : SMALL) {
            for (String jdk : results.jdks()) {
                if (small(results).stream().noneMatch(row -> same(row, wanted)
                        && row.byJdk().containsKey(jdk))) {
                    missing.add(String.join(" ", wanted).trim() + " on JDK " + jdk);
                }
            }
        }
        return missing;
    }

    private static boolean same(Results.Row row, List<String> nameAndUnit) {
        return nameAndUnit.equals(List.of(row.name(), row.unit()));
    }

    private static List<Results.Row> small(Results results) {
        return results.rows().stream().filter(row -> SMALL.stream()
                .anyMatch(wanted -> same(row, wanted))).toList();
    }

    /** A row of heads, then the rows; a median and a verdict a JDK. */
    private static List<List<String>> table(Results results, List<Results.Row> rows) {
        List<List<String>> table = new ArrayList<>();
        List<String> heads = new ArrayList<>(List.of("figure", "unit"));
        for (String jdk : results.jdks()) {
            heads.add("JDK " + jdk);
            heads.add("verdict");
        }
        table.add(heads);
        for (Results.Row row : rows) {
            List<String> cells = new ArrayList<>(List.of(row.name(), row.unit()));
            for (String jdk : results.jdks()) {
                Figure figure = row.byJdk().get(jdk);
                cells.add(figure == null ? "" : figure.brief());
                cells.add(figure == null ? "" : figure.verdict());
            }
            table.add(cells);
        }
        return table;
    }

    private static String aligned(List<List<String>> table) {
        int[] widths = new int[table.get(0).size()];
        for (List<String> row : table) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        StringBuilder text = new StringBuilder();
        for (List<String> row : table) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                line.append(row.get(i)).append(" ".repeat(widths[i] - row.get(i).length() + 2));
            }
            text.append(line.toString().stripTrailing()).append('\n');
        }
        return text.toString();
    }

    /** The small table, and what it was measured on. */
    static String markdown(Results results) {
        List<List<String>> table = new ArrayList<>(table(results, small(results)));
        table.add(1, table.get(0).stream().map(head -> "---").toList());
        StringBuilder text = new StringBuilder();
        for (List<String> row : table) {
            text.append("| ").append(String.join(" | ", row)).append(" |\n");
        }
        return text.append(String.format(Locale.ROOT, "\nOn %s; the whole run took %.0f minutes.\n",
                results.machine(), results.seconds() / 60)).toString();
    }

    /** The page with another text between the marks. */
    static String spliced(String page, String text) {
        int begin = page.indexOf(BEGIN) + BEGIN.length();
        int end = page.indexOf(END, begin);
        if (begin < BEGIN.length() || end < 0) {
            throw new IllegalArgumentException("no place for the figures");
        }
        return page.substring(0, begin) + "\n" + text + page.substring(end);
    }
}

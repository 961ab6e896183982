package bcast.bench.speed;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Draws how far all ratios are from their targets, as SVG: on a logarithmic scale, the better the
 * farther to the right. Colours stand out from white and from black alike.
 */
final class Plot {

    private static final List<String> COLOURS = List.of("#3178d8", "#c2640a", "#9a55c4", "#27854a");
    private static final String GREY = "#787878";

    private static final int WIDTH = 840;
    private static final int LEFT = 300;
    private static final int RIGHT = 680;
    private static final int TOP = 74;
    private static final int LINE = 17;
    private static final int GAP = 9;
    private static final int DOT = 5;
    /** Of the scale, in powers of two: what is farther ends at the edge. */
    private static final double LEAST_SPAN = 1.05;
    private static final double MOST_SPAN = 3;

    private final StringBuilder svg = new StringBuilder();
    private final List<String> jdks;
    private final List<Results.Row> rows;
    private final double worst;
    private final double best;

    private Plot(Results results) {
        jdks = results.jdks();
        rows = results.rows().stream().filter(row -> row.byJdk().values().stream()
                .anyMatch(Plot::shown)).toList();
        double[] all = rows.stream().flatMap(row -> row.byJdk().values().stream())
                .filter(Plot::shown).flatMapToDouble(figure -> Arrays.stream(figure.judged())
                .map(ratio -> distance(figure, ratio))).toArray();
        worst = -span(-Arrays.stream(all).min().orElse(0));
        best = span(Arrays.stream(all).max().orElse(0));
    }

    /** The plot of a run. */
    static String svg(Results results) {
        return new Plot(results).draw();
    }

    private static boolean shown(Figure figure) {
        return figure.isRatio() && !figure.target().isNone();
    }

    private static double span(double needed) {
        return Math.min(MOST_SPAN, Math.max(LEAST_SPAN, needed + 0.1));
    }

    /** How much better than the target a ratio is, in powers of two. */
    private static double distance(Figure figure, double ratio) {
        double times = ratio / figure.target().value();
        return Math.log(figure.target().least() ? times : 1 / times) / Math.log(2);
    }

    private double x(double distance) {
        double within = Math.max(worst, Math.min(best, distance));
        return LEFT + (RIGHT - LEFT) * (within - worst) / (best - worst);
    }

    private String draw() {
        int rowHeight = LINE * jdks.size() + GAP;
        int bottom = TOP + rowHeight * rows.size();
        add("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
                + "viewBox=\"0 0 %d %d\" role=\"img\" font-family=\"sans-serif\" font-size=\"14\">",
                WIDTH, bottom + 30, WIDTH, bottom + 30);
        add("<title>How far ratios are from their targets</title>");
        legend();
        scale(bottom);
        for (int i = 0; i < rows.size(); i++) {
            int top = TOP + rowHeight * i + GAP / 2;
            text(0, top + rowHeight / 2, "start", GREY, rows.get(i).name());
            for (int j = 0; j < jdks.size(); j++) {
                Figure figure = rows.get(i).byJdk().get(jdks.get(j));
                if (figure != null && shown(figure)) {
                    figure(figure, top + LINE * j + LINE / 2, COLOURS.get(j % COLOURS.size()));
                }
            }
        }
        return svg.append("</svg>\n").toString();
    }

    private void legend() {
        for (int j = 0; j < jdks.size(); j++) {
            String colour = COLOURS.get(j % COLOURS.size());
            dot(DOT + 2 + 190 * j, 14, colour, false);
            text(3 * DOT + 2 + 190 * j, 19, "start", colour, "JDK " + jdks.get(j));
        }
        text(WIDTH, 19, "end", GREY, "dot: median; line: all pairs; hollow: noisy, over ±15 %");
    }

    private void scale(int bottom) {
        for (int power = (int) Math.ceil(worst); power <= best; power++) {
            line(x(power), TOP, x(power), bottom, GREY, power == 0 ? 2 : 0.5);
            text(x(power), bottom + 20, "middle", GREY, power == 0 ? "target"
                    : power < 0 ? "1/" + (1 << -power) : "× " + (1 << power));
        }
        text(x(0) - 10, TOP - 10, "end", GREY, "← worse");
        text(x(0) + 10, TOP - 10, "start", GREY, "better →");
        text(WIDTH, TOP - 10, "end", GREY, "ratio (target)");
    }

    private void figure(Figure figure, int y, String colour) {
        double[] distances = Arrays.stream(figure.judged()).map(ratio -> distance(figure, ratio))
                .sorted().toArray();
        line(x(distances[0]), y, x(distances[distances.length - 1]), y, colour, 3);
        dot(x(distance(figure, figure.median())), y, colour,
                figure.verdict().startsWith("noisy"));
        text(WIDTH, y + 5, "end", colour, Figure.text(figure.median()) + " (" + figure.target()
                + ")");
    }

    private void dot(double x, int y, String colour, boolean hollow) {
        add("<circle cx=\"%.1f\" cy=\"%d\" r=\"%d\" stroke=\"%s\" stroke-width=\"2\" "
                + "fill=\"%s\"/>", x, y, DOT, colour, hollow ? "none" : colour);
    }

    private void line(double x1, int y1, double x2, int y2, String colour, double width) {
        add("<line x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\" stroke=\"%s\" "
                + "stroke-width=\"%.1f\"/>", x1, y1, x2, y2, colour, width);
    }

    private void text(double x, int y, String anchor, String colour, String text) {
        add("<text x=\"%.1f\" y=\"%d\" text-anchor=\"%s\" fill=\"%s\">%s</text>", x, y, anchor,
                colour, text.replace("&", "&amp;").replace("<", "&lt;"));
    }

    private void add(String format, Object... values) {
        svg.append(String.format(Locale.ROOT, format, values)).append('\n');
    }
}

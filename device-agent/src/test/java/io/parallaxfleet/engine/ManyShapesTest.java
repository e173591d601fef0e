package io.parallaxfleet.engine;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Runs of small models whose inputs change shape every few of them, as many as {@code -Dparallax.soak.runs} says, which prints what
 * memory they took. In a process of its own, whose Java heap is taken once and stays as it is, so that what grows is native.
 */
@EnabledOnOs(OS.LINUX)
@Timeout(value = 30, unit = TimeUnit.MINUTES)
class ManyShapesTest {
    private static final int RUNS = Integer.getInteger("parallax.soak.runs", 200);
    private static final int SAMPLES = 40;
    /** Over the last two thirds of the runs, by the C library's books, the JVM's own among them: sessions that stayed open would take more in any number. */
    private static final double ALLOCATED_MORE_ALLOWED_BYTES = 8 << 20;
    /** The same by the kernel's: what Java loads and compiles meanwhile is in it too, and where freed pieces lie. */
    private static final double RESIDENT_MORE_ALLOWED_BYTES = 16 << 20;
    private static final double MAPPINGS_MORE_ALLOWED = 100;
    private static final double FILES_MORE_ALLOWED = 4;

    @TempDir
    Path folder;

    private record Sample(double run, double allocatedBytes, double residentBytes, double mappings, double files) {
        private static Sample of(String line) {
            double[] numbers = Arrays.stream(line.split(" ")).skip(1).mapToDouble(Double::parseDouble).toArray();
            return new Sample(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4]);
        }
    }

    @ParameterizedTest
    @EnumSource(ManyShapesSoak.Way.class)
    @DisplayName("runs whose shapes change for good and all take no more memory than the first of them")
    void doesNotGrow(ManyShapesSoak.Way way) throws IOException, InterruptedException {
        int runsOfASample = Math.max(1, RUNS / SAMPLES / ManyShapesSoak.RUNS_AT_A_SHAPE) * ManyShapesSoak.RUNS_AT_A_SHAPE;
        List<String> output = FixedHeapProcess.run(
                ManyShapesSoak.class, way.name(), folder.toString(), Integer.toString(RUNS), Integer.toString(runsOfASample));
        List<Sample> samples = output.stream().filter(line -> line.startsWith("sample ")).map(Sample::of).toList();
        List<Sample> settled = samples.subList(samples.size() / 3, samples.size());
        if (Integer.getInteger("parallax.soak.runs") != null) {
            System.out.printf("%s: %d runs, %s; from run %.0f on: allocated %+.0f KB (of %.0f), resident %+.0f KB (of %.0f),"
                            + " mappings %+.0f (of %.0f), files %+.0f%n",
                    way, RUNS, output.get(output.size() - 1), settled.get(0).run(), growth(settled, Sample::allocatedBytes) / 1024,
                    settled.get(0).allocatedBytes() / 1024, growth(settled, Sample::residentBytes) / 1024,
                    settled.get(0).residentBytes() / 1024, growth(settled, Sample::mappings), settled.get(0).mappings(),
                    growth(settled, Sample::files));
        }
        String[] end = output.get(output.size() - 1).split(" ");
        assertTrue(Integer.parseInt(end[1]) > RUNS / 2, end[1] + " of " + RUNS + " runs by a plan");
        assertTrue(Integer.parseInt(end[3]) >= RUNS / ManyShapesSoak.RUNS_AT_A_SHAPE / 2, end[3] + " sessions gave way");
        assertBelow(ALLOCATED_MORE_ALLOWED_BYTES, settled, Sample::allocatedBytes, "allocated bytes");
        assertBelow(RESIDENT_MORE_ALLOWED_BYTES, settled, Sample::residentBytes, "resident bytes");
        assertBelow(MAPPINGS_MORE_ALLOWED, settled, Sample::mappings, "mappings");
        assertBelow(FILES_MORE_ALLOWED, settled, Sample::files, "open files");
    }

    private static void assertBelow(double most, List<Sample> samples, ToDoubleFunction<Sample> quantity, String what) {
        double grown = growth(samples, quantity);
        assertTrue(grown < most, () -> String.format("%.0f %s more: %s", grown, what,
                samples.stream().map(sample -> String.format("%.0f", quantity.applyAsDouble(sample))).toList()));
    }

    private static double growth(List<Sample> samples, ToDoubleFunction<Sample> quantity) {
        return new Trend(samples.stream().map(Sample::run).toList(), samples.stream().map(quantity::applyAsDouble).toList()).growth();
    }
}

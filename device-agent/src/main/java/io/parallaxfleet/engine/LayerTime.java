package io.parallaxfleet.engine;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import io.parallaxfleet.execute.SessionSettings.Spinning;
import io.parallaxfleet.graph.ModelFormatException;
import io.parallaxfleet.prepare.PreparedModel;
import java.util.List;
import java.util.Optional;

/**
 * What a layer takes with its branches side by side, the threads divided among them, and as one step of all threads. Medians of runs in
 * turns, as the engine's own measurement at first use takes them of fewer; the cuts around the layer are in neither figure.
 *
 * @param layer its index
 * @param branches how many it has
 * @param sideBySideNanos from the end of all before it to the end of its last branch, hand-overs included
 * @param wideNanos the same with all branches in one step
 */
public record LayerTime(int layer, int branches, long sideBySideNanos, long wideNanos) {
    /** Side by side over wide: below 1 the layer gains. */
    public double ratio() {
        return (double) sideBySideNanos / wideNanos;
    }

    /**
     * Measures every layer of the CPU plan that has work worth a hand-over; none on one thread.
     *
     * @param runs of either way, after half as many to warm up
     * @throws ModelFormatException when no inputs can be made for the model
     */
    public static List<LayerTime> measure(PreparedModel model, EngineOptions options, int runs) {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (CpuThreads threads = new CpuThreads(options.threads(), options.scheduling(), Optional.empty())) {
            return new LayerProposals(options, Spinning.WITHIN_RUN, threads, environment, Long.MAX_VALUE)
                    .probe(model, (runs + 1) / 2, runs)
                    .map(LayerProbe::times)
                    .orElse(List.of());
        } catch (OrtException e) {
            throw new ModelFormatException("the inputs of " + model.originalModel() + " cannot be made: " + e.getMessage(), e);
        }
    }
}

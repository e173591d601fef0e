package io.parallaxfleet.engine;

import ai.onnxruntime.OrtEnvironment;
import io.parallaxfleet.graph.ModelFormatException;
import io.parallaxfleet.prepare.PreparedModel;
import io.parallaxfleet.rewrite.RewriteCheck;
import io.parallaxfleet.rewrite.RewrittenModel;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** Whether a model has a rewritten form that may be used on this device. */
sealed interface Rewriting {
    /** For people. */
    String describe();

    /** It has one, whose outputs agree with the original's. */
    record Agrees(RewrittenModel model, RewriteCheck.Verdict.Same verdict) implements Rewriting {
        @Override
        public String describe() {
            return model.summary() + ": " + verdict.describe();
        }
    }

    /** It has one that must not be used. */
    record Refused(RewrittenModel model, String reason) implements Rewriting {
        @Override
        public String describe() {
            return model.summary() + ": not used, " + reason;
        }
    }

    /** It has none. */
    record Nothing(String describe) implements Rewriting {}

    /** @param room whether there is memory for one more session */
    static Rewriting of(PreparedModel model, int threads, OrtEnvironment environment, BooleanSupplier room) {
        Optional<RewrittenModel> rewritten;
        try {
            rewritten = RewrittenModel.of(model);
        } catch (ModelFormatException | IllegalArgumentException e) {
            return new Nothing("it cannot be rewritten: " + e.getMessage());
        }
        if (rewritten.isEmpty()) {
            return new Nothing("no rule matches");
        }
        if (!room.getAsBoolean()) {
            return new Refused(rewritten.get(), "there is no memory to compare it with the original");
        }
        RewriteCheck.Verdict verdict = RewriteCheck.verdict(rewritten.get(), environment, threads);
        return verdict instanceof RewriteCheck.Verdict.Same same
                ? new Agrees(rewritten.get(), same)
                : new Refused(rewritten.get(), verdict.describe());
    }
}

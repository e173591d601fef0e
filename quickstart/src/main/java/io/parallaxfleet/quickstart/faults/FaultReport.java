package io.parallaxfleet.quickstart.faults;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What a run found.
 *
 * @param deaths in order, with how long the job needed until all its tasks ran again and a checkpoint was complete
 * @param commands for new thresholds, one just before each death, and to let the job begin another rollout in stages
 * @param stagedRollouts that the job began by itself and that reached devices
 * @param inferences distinct ones on the telemetry topic
 * @param counted of them in committed aggregates
 * @param redelivered records on the telemetry topic that repeated another
 * @param windows committed windows of whole inferences
 * @param epochs published
 * @param applications acknowledged by devices
 * @param differences everything that was not exactly once; empty when all is well
 */
public record FaultReport(long seed, List<Death> deaths, int commands, int stagedRollouts, long inferences, long counted, long redelivered, int windows, int epochs,
        long applications, List<String> differences) {
    private static final int SHOWN = 20;

    /**
     * One kill.
     *
     * @param stagePerMille share of its class that ran what the job tried in stages at that moment; empty where it tried nothing
     */
    public record Death(String process, Duration recovery, Optional<Integer> stagePerMille) {}

    public FaultReport {
        deaths = List.copyOf(deaths);
        differences = List.copyOf(differences);
    }

    public boolean exactlyOnce() {
        return differences.isEmpty();
    }

    /** Kills that fell into a rollout in stages. */
    public long inStages() {
        return deaths.stream().filter(death -> death.stagePerMille().isPresent()).count();
    }

    /** For people. */
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        for (Death death : deaths) {
            lines.add(String.format(Locale.ROOT, "killed %-16s whole again after %5.1f s%s", death.process(), death.recovery().toMillis() / 1e3,
                    death.stagePerMille().map(perMille -> ", the job's own rollout at " + perMille / 10 + " % of its class").orElse("")));
        }
        lines.add(inferences + " inferences sent, " + counted + " counted in " + windows + " committed windows; " + redelivered
                + " records came twice and were dropped");
        lines.add(deaths.size() + " kills, each within seconds of one of " + commands + " commands, " + inStages() + " of them in the middle of one of "
                + stagedRollouts + " rollouts that the job took through stages by itself");
        lines.add(epochs + " epochs published, applied " + applications + " times by devices");
        differences.stream().limit(SHOWN).forEach(difference -> lines.add("  " + difference));
        if (differences.size() > SHOWN) {
            lines.add("  and " + (differences.size() - SHOWN) + " more");
        }
        lines.add(exactlyOnce() ? "every inference counted exactly once, every command followed once, no epoch skipped or applied twice (seed " + seed + ")"
                : differences.size() + " differences (seed " + seed + ")");
        return lines;
    }
}

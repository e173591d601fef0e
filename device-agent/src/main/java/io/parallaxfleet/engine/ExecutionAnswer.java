package io.parallaxfleet.engine;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;

/** What an {@link ExecutionTrial} found, as it is remembered between processes. */
sealed interface ExecutionAnswer {
    /** How long an answer counts that a busy machine gave, or that runs which scatter gave. */
    Duration PROVISIONAL_FOR = Duration.ofMinutes(10);

    /** What is used, where the incumbent is this one. */
    CpuExecution inUse(CpuExecution incumbent);

    /** It stays so on this device. */
    record Settled(CpuExecution execution) implements ExecutionAnswer {
        public Settled {
            Objects.requireNonNull(execution, "execution");
        }

        @Override
        public CpuExecution inUse(CpuExecution incumbent) {
            return execution;
        }
    }

    /** It counts for a while, then everything is measured anew. */
    record Provisional(CpuExecution execution, Instant until) implements ExecutionAnswer {
        public Provisional {
            Objects.requireNonNull(execution, "execution");
            Objects.requireNonNull(until, "until");
        }

        @Override
        public CpuExecution inUse(CpuExecution incumbent) {
            return execution;
        }
    }

    /**
     * A challenger of the incumbent, and every round between them so far. A later start looks at the two again: what one trial took
     * for proven may be the luck of an hour, and what it had no time to prove may be so.
     *
     * @param inForce whether the challenger is used; otherwise the incumbent is
     * @param foundAt when it was found
     * @param lookedAt when it was last compared
     */
    record Rivalry(CpuExecution challenger, boolean inForce, RivalEvidence evidence, Instant foundAt, Instant lookedAt)
            implements ExecutionAnswer {
        /** A look that follows at once would see the same hour, and processes that start together would all look. */
        private static final Duration LEAST_AGE = Duration.ofMinutes(10);
        /** What a look at a challenger in force wants; of a slow model it may not get as many. */
        private static final int LOOK_ROUNDS = 3;

        public Rivalry {
            Objects.requireNonNull(challenger, "challenger");
            Objects.requireNonNull(evidence, "evidence");
            Objects.requireNonNull(foundAt, "foundAt");
            Objects.requireNonNull(lookedAt, "lookedAt");
        }

        @Override
        public CpuExecution inUse(CpuExecution incumbent) {
            return inForce ? challenger : incumbent;
        }

        /** Whether to look again: a challenger in force when it has become twice as old as at the last look, another sooner. */
        boolean due(Instant now) {
            Duration age = Duration.between(foundAt, lookedAt);
            return !now.isBefore(lookedAt.plus(!inForce || age.compareTo(LEAST_AGE) < 0 ? LEAST_AGE : age));
        }

        /** Whether the rounds of a look say enough: three of a challenger in force; as many as it takes of another. */
        boolean enough(RivalEvidence fresh) {
            if (inForce) {
                return fresh.rounds() >= LOOK_ROUNDS;
            }
            RivalEvidence all = evidence.plus(fresh);
            return all.proven() || all.givenUp();
        }

        /** With the rounds of a look. A challenger in force that does not stand it makes way until all rounds together prove it again. */
        ExecutionAnswer after(RivalEvidence fresh, CpuExecution incumbent, Instant now) {
            RivalEvidence all = evidence.plus(fresh);
            boolean stays = inForce ? stands(fresh, all) : all.proven();
            return !stays && all.givenUp() ? new Settled(incumbent) : new Rivalry(challenger, stays, all, foundAt, now);
        }

        /** Most rounds of a whole look decide; fewer rounds say nothing by themselves, and count among all there ever were. */
        private static boolean stands(RivalEvidence fresh, RivalEvidence all) {
            return fresh.rounds() >= LOOK_ROUNDS ? !fresh.mostlyLost() : fresh.rounds() == 0 || all.leads();
        }
    }

    /** @param executions the candidates of the trial, the incumbent first */
    static ExecutionAnswer of(TrialFinding finding, List<CpuExecution> executions, Instant now) {
        if (finding instanceof TrialFinding.ChallengerProven proven) {
            return new Rivalry(executions.get(proven.challenger()), true, proven.evidence(), now, now);
        }
        if (finding instanceof TrialFinding.Undecided undecided) {
            return new Rivalry(executions.get(undecided.challenger()), false, undecided.evidence(), now, now);
        }
        boolean forGood = finding instanceof TrialFinding.IncumbentStays || finding instanceof TrialFinding.BestByScore best && best.steady();
        CpuExecution execution = executions.get(finding.winner());
        return forGood ? new Settled(execution) : new Provisional(execution, now.plus(PROVISIONAL_FOR));
    }
}

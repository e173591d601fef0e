package io.parallaxfleet.workload;

import io.parallaxfleet.schemas.avro.ExplorationAdvice;
import io.parallaxfleet.uplink.AgentEvents;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.DoubleSupplier;

/**
 * The share of bursts that explore now: the devices' own, or as much more as the fleet asks for and their owner allows, until the advice
 * expires by the clock. Says in one line what it does with each piece of advice for its class; other classes' are passed over without a
 * word. Thread-safe.
 */
public final class ExplorationShare implements DoubleSupplier {
    private final ExplorationLimits limits;
    private final String deviceClass;
    private final AdviceRules rules;
    private final Clock clock;
    private final AgentEvents events;
    /** What is followed; null: the devices' own share. */
    private final AtomicReference<AdviceDecision.Follow> followed = new AtomicReference<>();

    /** @param simulated whether the class's devices are modelled */
    public ExplorationShare(ExplorationLimits limits, String deviceClass, boolean simulated, Clock clock, AgentEvents events) {
        this.limits = limits;
        this.deviceClass = deviceClass;
        this.rules = new AdviceRules(deviceClass, simulated);
        this.clock = clock;
        this.events = events;
    }

    /** Takes advice in as it came. */
    public void accept(List<ExplorationAdvice> advice) {
        advice.stream().filter(one -> one.getDeviceClass().equals(deviceClass)).forEach(this::accept);
    }

    private synchronized void accept(ExplorationAdvice advice) {
        AdviceDecision decision = rules.judge(advice, Optional.ofNullable(followed.get()), clock.instant());
        if (decision instanceof AdviceDecision.Follow follow) {
            followed.set(follow);
            double share = limits.raised(follow.shareFactor());
            say("exploring-more", String.format(Locale.ROOT, "class %s: %.3g of bursts explore instead of %.3g until %s (%s)", deviceClass,
                    share, limits.own(), follow.until(), follow.why()), share);
        } else if (decision instanceof AdviceDecision.Expired expired) {
            events.info("class " + deviceClass + ": advice to explore more expired at " + expired.at() + " and is not followed");
        } else if (decision instanceof AdviceDecision.Refuse refuse) {
            events.warn("class " + deviceClass + ": advice to explore more is refused: " + refuse.reason());
        }
        // Stale advice is a record that was read before.
    }

    /** The probability with which the next burst is to explore, in [0, 1). */
    @Override
    public double getAsDouble() {
        AdviceDecision.Follow follow = followed.get();
        if (follow == null) {
            return limits.own();
        }
        if (clock.instant().isBefore(follow.until())) {
            return limits.raised(follow.shareFactor());
        }
        if (followed.compareAndSet(follow, null)) {
            say("exploring-as-usual", String.format(Locale.ROOT, "class %s: the advice expired, %.3g of bursts explore again", deviceClass,
                    limits.own()), limits.own());
        }
        return limits.own();
    }

    private void say(String event, String text, double share) {
        events.event(event, text, events.fields().put("deviceClass", deviceClass).put("explorationProbability", share));
    }
}

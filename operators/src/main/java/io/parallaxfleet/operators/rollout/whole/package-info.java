/** How a class that is too small for a control of other devices is judged: models that kept their plan are the control of the others. */
package io.parallaxfleet.operators.rollout.whole;

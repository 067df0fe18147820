//! Requests and answers between the contexts and the server.

use serde_json::value::RawValue;
use vestibule_engine::{Input, Probed};
use vestibule_protocol::{batch::Batch, timestamp::Timestamp};

use super::World;
use crate::simulation::{
    check::Violation,
    coverage::Doing,
    device::Turn,
    fault::Fault,
    mutated,
    mutation::Mutation,
    network::{Cargo, Message, Network, Reply},
    server::Served,
};

impl World {
    pub(super) fn send(&mut self, at: usize, context: usize, cargo: Cargo, deadline: Timestamp, doing: Doing) {
        let number = self.network.number();
        let starts = self.devices[at].contexts[context].starts;
        self.devices[at].contexts[context].turn = Turn::Waiting { message: number, deadline, doing };
        self.fate.coverage.doing = doing;
        let message = Message { number, device: at, context, starts, due: self.now, is_taken: false, cargo };
        self.network.send(&mut self.fate, self.now, message);
    }

    /// The next message that is due, if there is one.
    pub(super) fn next_message(&mut self) -> Option<Message> {
        let (device, context) = self.network.first_due(self.now)?;
        self.fate.coverage.doing = self.devices[device].contexts[context].doing();
        self.network.next(&mut self.fate, self.now)
    }

    pub(super) fn arrive(&mut self, message: Message) -> Result<(), Violation> {
        let Message { number, device, context, starts, is_taken, cargo, .. } = message;
        self.fate.coverage.doing = self.devices[device].contexts[context].doing();
        let interference = match &cargo {
            Cargo::Batch { body, .. } if !is_taken => Network::interfere(&mut self.fate, self.now, body),
            Cargo::Probe if !is_taken => Network::interfere(&mut self.fate, self.now, ""),
            Cargo::Batch { .. } | Cargo::Probe | Cargo::Answer(_) | Cargo::Probed(_) => None,
        };
        let is_request = matches!(cargo, Cargo::Batch { .. } | Cargo::Probe);
        if is_request
            && !is_taken
            && interference.is_none()
            && let Some(takes_ms) = self.fate.slowness(self.now)
        {
            let due = self.now.plus_ms(takes_ms);
            self.network.messages.push(Message { due, is_taken: true, number, device, context, starts, cargo });
            return Ok(());
        }
        let answer = match cargo {
            Cargo::Batch { source, body } => {
                let reply = match interference {
                    Some((fault, reply)) => {
                        self.note_refusal(fault, &body);
                        reply
                    }
                    None => match self.server.sync(&mut self.fate, source, &body, self.now) {
                        Served::Answered(answer) => answer.into(),
                        Served::Crashed => Reply::Nothing,
                    },
                };
                self.check_applied()?;
                for confirmed in self.confirmed.iter_mut().filter(|confirmed| confirmed.may_be_let_go) {
                    confirmed.may_be_let_go = !self.server.holds(&confirmed.text);
                }
                self.check_gaps()?;
                Cargo::Answer(reply.travelled(&mut self.fate, self.now))
            }
            Cargo::Probe => {
                let is_ready = interference.is_none() && self.server.is_ready(&mut self.fate, self.now);
                Cargo::Probed(if is_ready { Probed::Ready } else { Probed::NotReady })
            }
            Cargo::Answer(reply) => return self.hear(device, context, number, starts, &reply, None),
            Cargo::Probed(probed) => return self.hear(device, context, number, starts, &Reply::Nothing, Some(probed)),
        };
        let message = Message { number, device, context, starts, due: self.now, is_taken: false, cargo: answer };
        self.network.send(&mut self.fate, self.now, message);
        self.check(&[])
    }

    /// Notes whom something refuses that does not refuse everything.
    fn note_refusal(&mut self, fault: Fault, body: &str) {
        let Ok(batch) = serde_json::from_str::<Batch<&RawValue>>(body) else { return };
        if let ([alone], false) = (batch.events.as_slice(), matches!(fault, Fault::Walled | Fault::Portal)) {
            self.refused_alone.insert(alone.event.get().to_owned());
        }
    }

    /// A context hears what came of a request, if it still waits for that.
    pub(super) fn hear(
        &mut self,
        at: usize,
        context: usize,
        number: u64,
        starts: u32,
        reply: &Reply,
        probed: Option<Probed>,
    ) -> Result<(), Violation> {
        let now = self.now;
        let device = &mut self.devices[at];
        let clock = device.clock(now);
        let hearer = &mut device.contexts[context];
        let waits = matches!(hearer.turn, Turn::Waiting { message, .. } if message == number);
        if !waits || hearer.starts != starts {
            return Ok(());
        }
        if hearer.asleep_until > now {
            // It waits in the context's own queue.
            let cargo = probed.map_or_else(|| Cargo::Answer(reply.clone()), Cargo::Probed);
            let due = hearer.asleep_until;
            self.network.messages.push(Message { number, device: at, context, starts, due, is_taken: false, cargo });
            return Ok(());
        }
        hearer.turn = Turn::Running;
        let input = if let Some(probed) = probed {
            hearer.urges += u32::from(probed == Probed::Ready);
            Input::Probed(probed)
        } else {
            let memory = device.storage.tables.memory();
            let reply = mutated::reply(self.mutation, reply, &hearer.sent, &memory);
            if reply.tells_how_to_go_on(&hearer.sent) {
                hearer.urges += 1;
                device.claimed_at = None;
            } else if self.mutation == Some(Mutation::NeverRescheduled) {
                hearer.is_deaf = true;
            }
            Input::Answered(reply.into_answer())
        };
        hearer.engine.handle(input, clock);
        Ok(())
    }
}

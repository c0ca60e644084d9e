import type { MigrationInterface, QueryRunner } from "typeorm";

const REVIEWS = `
  alter table reviews
    -- Rises with each change of what was written: a decision is about the version that was read.
    add version integer not null default 1,
    add rejection_reason text check (length(rejection_reason) between 1 and 500),
    -- When it was first approved, whatever became of it since.
    add approved_at timestamptz(3),
    add constraint reviews_reason_of_rejection
      check (rejection_reason is null or status = 'REJECTED');
  update reviews set approved_at = updated_at where status = 'APPROVED';
  drop index reviews_waiting;
  create index reviews_by_status on reviews (status, id);
`;

const VOTES = `
  create table review_votes (
    review_id text not null references reviews on delete cascade,
    user_id text not null references users on delete cascade,
    created_at timestamptz(3) not null default now(),
    primary key (review_id, user_id)
  );
  create index review_votes_of_user on review_votes (user_id);

  create function count_votes(review_ids text[], step integer)
    returns void language plpgsql strict as $$
  begin
    -- In id order: who votes for several never waits for another one in a circle.
    perform 1 from reviews where id = any (review_ids) order by id for no key update;
    update reviews r
    set helpful_count = r.helpful_count + step * voted.votes
    from (
      select review_id, count(*)::integer as votes from unnest(review_ids) as given(review_id)
      group by review_id
    ) as voted
    where r.id = voted.review_id;
  end $$;

  create function review_votes_added() returns trigger language plpgsql as $$
  begin
    perform count_votes(array_agg(review_id), 1) from new_rows;
    return null;
  end $$;
  create function review_votes_removed() returns trigger language plpgsql as $$
  begin
    perform count_votes(array_agg(review_id), -1) from old_rows;
    return null;
  end $$;
  create trigger review_votes_added after insert on review_votes
    referencing new table as new_rows for each statement execute function review_votes_added();
  create trigger review_votes_removed after delete on review_votes
    referencing old table as old_rows for each statement execute function review_votes_removed();
`;

/** Shoppers write reviews and say which ones help; approved ones count for an achievement. */
export class ReviewWriting1795000045000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(REVIEWS);
    await runner.query(VOTES);
    await runner.query(`
      alter table goal_profiles
        add reviews_approved integer not null default 0 check (reviews_approved >= 0)
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table goal_profiles drop reviews_approved;
      drop table review_votes;
      drop function review_votes_removed;
      drop function review_votes_added;
      drop function count_votes;
      drop index reviews_by_status;
      create index reviews_waiting on reviews (created_at, id) where status = 'PENDING';
      alter table reviews
        drop constraint reviews_reason_of_rejection,
        drop approved_at, drop rejection_reason, drop version;
    `);
  }
}

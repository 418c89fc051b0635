/* Model F for SPIN, written by hand beside race.py: the same steps, one at a time.

   THREADS fault on PAGES pages; each call of the driver names another frame. With AGAIN the handler
   looks at the pte once more under the lock, as the revision of 5 April 2006 does. `stored_over`
   counts stores over another frame; a search visits them all, so it is never a reason to stop. */

#define PAGE (_pid % PAGES)

c_decl { static long stored_over; }

byte frame[PAGES];          /* the ptes: 0 is none */
byte tlb[THREADS];
bit  locked[PAGES];         /* ptl, one for each page-table page */
byte readers;               /* mmap_sem; nobody writes in this model */
byte answer = 1;            /* what the driver names next */

active [THREADS] proctype thread() {
  byte mine;
  readers++;                                           /* down_read */
  if                                                   /* read_pte, without the lock */
  :: frame[PAGE] != 0 -> goto up
  :: else
  fi;
  skip;                                                /* pte_unmap */
  skip;                                                /* BUG_ON */
  d_step { mine = answer; answer++ };                  /* nopfn */
  atomic { locked[PAGE] == 0 -> locked[PAGE] = 1 };    /* spin_lock */
#if AGAIN
  atomic {                                             /* read_pte, under the lock */
    if
    :: frame[PAGE] != 0 -> mine = 0; goto unlock
    :: else
    fi
  };
#endif
  skip;                                                /* pfn_pte */
  skip;                                                /* maybe_mkwrite */
  d_step {                                             /* set_pte_at */
    if
    :: frame[PAGE] != 0 && frame[PAGE] != mine -> c_code { stored_over++; }
    :: else
    fi;
    frame[PAGE] = mine;
    mine = 0
  };
unlock:
  locked[PAGE] = 0;                                    /* spin_unlock */
up:
  readers--;                                           /* up_read */
  tlb[_pid] = frame[PAGE];                             /* the walk */
stay:
  false
}
